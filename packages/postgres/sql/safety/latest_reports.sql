-- The latest report of each kind that went well, and the latest that did not. Served by safety_reports_latest_idx, once for each.
select found.kind, found.id, found.at, found.succeeded, found.report
from (values ('backup'), ('drill'), ('archive'), ('doctor')) as wanted (kind)
cross join (values (true), (false)) as went (well)
cross join lateral (
  select kind, id, at, succeeded, report
  from kiroku.safety_reports
  where kind = wanted.kind and succeeded = went.well
  order by at desc
  limit 1
) as found
