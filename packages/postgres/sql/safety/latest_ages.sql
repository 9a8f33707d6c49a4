-- Of backups and drills: how old the latest good one is, whether the latest went well, and what a drill measured. Served by
-- safety_reports_latest_idx, once for each.
select
  wanted.kind,
  extract(epoch from clock_timestamp() - good.at)::double precision as "goodSeconds",
  coalesce(good.at, '-infinity') >= coalesce(bad.at, '-infinity') as "lastWentWell",
  (good.report ->> 'rtoSeconds')::double precision as "rtoSeconds",
  (good.report ->> 'rpoSeconds')::double precision as "rpoSeconds"
from (values ('backup'), ('drill')) as wanted (kind)
left join lateral (
  select at, report from kiroku.safety_reports where kind = wanted.kind and succeeded order by at desc limit 1
) as good on true
left join lateral (
  select at from kiroku.safety_reports where kind = wanted.kind and not succeeded order by at desc limit 1
) as bad on true
where good.at is not null or bad.at is not null
