-- Ends a run of the owner with the epoch $2; no row if its lease is outdated. What was asked of it at the last moment, too late for it to hear,
-- still counts. Served by jobs_pkey.
update kiroku.jobs
set
  state = case
    when $3 in ('queued', 'paused') and requested = 'cancel' then 'cancelled'
    when $3 = 'queued' and requested = 'pause' then 'paused'
    else $3
  end,
  requested = null,
  result = $4::json,
  error = $5,
  ended_at = case when $3 in ('done', 'failed', 'cancelled') or ($3 in ('queued', 'paused') and requested = 'cancel') then clock_timestamp() end
where id = $1 and epoch = $2 and state = 'running'
returning id
