-- Takes the oldest job of the verbs $1 (and, if given, with the id $2) that is queued or whose lease is over and that requires nothing beyond
-- $5, for owner $3 and $4 ms, past those that another process is taking. One whose owner has gone without a word, and without having got
-- further than those before, was abandoned once more. Served by jobs_open_idx; the last report by job_reports_pkey.
with free as (
  select job.id, job.state = 'queued' as queued, (latest.progress ->> 'done')::double precision as done
  from kiroku.jobs as job
  left join lateral (
    select report.leased_until, report.progress
    from kiroku.job_reports as report
    where report.job = job.id
    order by report.number desc
    limit 1
  ) as latest on true
  where job.state in ('queued', 'running')
    and job.verb = any ($1::text[])
    and job.requires <@ $5::text[]
    and ($2::uuid is null or job.id = $2)
    and (job.state = 'queued' or greatest(job.leased_until, latest.leased_until) < clock_timestamp())
  order by job.created_at, job.id
  limit 1
  for update of job skip locked
)
update kiroku.jobs as job
set
  state = 'running',
  owner = $3,
  epoch = job.epoch + 1,
  leased_until = clock_timestamp() + $4 * interval '1 millisecond',
  started_at = coalesce(job.started_at, clock_timestamp()),
  abandoned = case
    when free.queued then 0
    when free.done > coalesce(job.furthest, -1) then 1
    else job.abandoned + 1
  end,
  furthest = case when free.queued then null else greatest(job.furthest, free.done) end
from free
where job.id = free.id
returning job.id
