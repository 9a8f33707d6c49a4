-- Writes what a control made of a job. Served by jobs_pkey.
update kiroku.jobs
set
  state = $2,
  requested = $3,
  error = null,
  ended_at = case when $2 = 'cancelled' then clock_timestamp() end
where id = $1
