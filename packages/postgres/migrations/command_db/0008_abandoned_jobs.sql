-- How often in a row the process that ran a job has gone without a word, and the most that the job had done when one did: a job that kills its
-- process at the same place each time is not to be taken over without end.
alter table kiroku.jobs
  add column abandoned integer not null default 0 check (abandoned >= 0),
  add column furthest double precision;

drop view kiroku.job_status;
create view kiroku.job_status with (security_invoker) as
select
  job.id,
  job.verb,
  job.arguments,
  job.requires,
  job.created_by,
  job.reason,
  job.state,
  job.requested,
  job.owner,
  job.epoch,
  job.abandoned,
  greatest(job.leased_until, latest.leased_until) as leased_until,
  latest.progress,
  latest.cursor,
  latest.rate,
  latest.eta_seconds,
  job.result,
  job.error,
  job.created_at,
  job.started_at,
  job.ended_at
from kiroku.jobs as job
left join lateral (
  select report.leased_until, report.progress, report.cursor, report.rate, report.eta_seconds
  from kiroku.job_reports as report
  where report.job = job.id
  order by report.number desc
  limit 1
) as latest on true;

grant select on kiroku.job_status to kiroku_service, kiroku_maintenance;
