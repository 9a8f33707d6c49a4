-- Removes up to $2 jobs that ended more than $1 days ago, with their reports and lines. Several processes may do it side by side. Served by
-- jobs_ended_idx, job_reports_pkey and job_lines_pkey.
with old as (
  select id
  from kiroku.jobs
  where ended_at < clock_timestamp() - $1 * interval '1 day'
  order by ended_at
  limit $2
  for update skip locked
),
reports as (
  delete from kiroku.job_reports using old where job = old.id
),
lines as (
  delete from kiroku.job_lines using old where job = old.id
)
delete from kiroku.jobs using old where jobs.id = old.id returning jobs.id
