-- Ends a run of the owner with the epoch $2; no row if its lease is outdated. What was asked of it at the last moment, too late for it to hear,
-- still counts. If that is the job's end, it is that of its action in the audit log, which keeps $6 of the result. Served by jobs_pkey,
-- operator_actions_pkey and operator_outcomes_pkey.
with settled as (
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
  returning id, state, error
),
told as (
  insert into kiroku.operator_outcomes (action, succeeded, after, error)
  select settled.id, settled.state = 'done', $6::json, case settled.state when 'cancelled' then 'It was cancelled.' else settled.error end
  from settled
  join kiroku.operator_actions as action on action.id = settled.id
  where settled.state in ('done', 'failed', 'cancelled')
  on conflict (action) do nothing
)
select id from settled
