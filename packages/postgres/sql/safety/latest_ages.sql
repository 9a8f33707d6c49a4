-- Of backups and drills: how old the latest good one is, whether the latest went well, and what a drill measured. One that could not be tried went
-- neither way; if there was none but such, the age is that of the first. Served by safety_reports_latest_idx.
select
  wanted.kind,
  extract(epoch from clock_timestamp() - coalesce(good.at, case when bad.at is null then untried.at end))::double precision as "goodSeconds",
  case when good.at is not null or bad.at is not null then coalesce(good.at, '-infinity') >= coalesce(bad.at, '-infinity') end as "lastWentWell",
  (good.report ->> 'rtoSeconds')::double precision as "rtoSeconds",
  (good.report ->> 'rpoSeconds')::double precision as "rpoSeconds"
from (values ('backup'), ('drill')) as wanted (kind)
left join lateral (
  select at, report from kiroku.safety_reports where kind = wanted.kind and succeeded order by at desc limit 1
) as good on true
left join lateral (
  select at from kiroku.safety_reports where kind = wanted.kind and not succeeded and report ->> 'tried' is distinct from 'false' order by at desc limit 1
) as bad on true
left join lateral (
  select min(at) as at from kiroku.safety_reports where kind = wanted.kind and not succeeded
) as untried on true -- asked only where nothing was tried
where good.at is not null or bad.at is not null or untried.at is not null
