-- Stores a report of the owner with the epoch $2 and prolongs its lease by $3 ms; no row if the lease is outdated. The shared lock keeps anybody
-- from taking the job in between and makes no new version of the row. Served by jobs_pkey.
with owned as (
  select id, requested
  from kiroku.jobs
  where id = $1 and epoch = $2 and state = 'running'
  for share
),
stored as (
  insert into kiroku.job_reports (job, epoch, leased_until, progress, cursor, rate, eta_seconds)
  select id, $2, clock_timestamp() + $3 * interval '1 millisecond', $4::json, $5::json, $6, $7
  from owned
  returning number
)
select owned.requested, stored.number from owned cross join stored
