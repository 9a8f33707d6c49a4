-- Adds a line to a job's log, for the owner with the epoch $2; no row if its lease is outdated. Served by jobs_pkey.
with owned as (
  select id from kiroku.jobs where id = $1 and epoch = $2 and state = 'running' for share
)
insert into kiroku.job_lines (job, text) select id, $3 from owned returning number
