-- Jobs that wait or run, oldest first: for how long a queued one has been there, and how long ago the lease of a running one ended (negative:
-- it is held). Served by jobs_open_idx, the last report by job_reports_pkey.
select
  job.id,
  job.verb,
  case when job.state = 'queued' then extract(epoch from statement_timestamp() - job.created_at)::double precision end as "queuedSeconds",
  case
    when job.state = 'running'
      then extract(epoch from statement_timestamp() - greatest(job.leased_until, latest.leased_until))::double precision
  end as "lapsedSeconds"
from kiroku.jobs as job
left join lateral (
  select report.leased_until
  from kiroku.job_reports as report
  where report.job = job.id
  order by report.number desc
  limit 1
) as latest on true
where job.state in ('queued', 'running')
order by job.created_at, job.id
limit 100
