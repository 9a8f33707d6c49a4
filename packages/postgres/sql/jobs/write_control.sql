-- Writes what a control made of a job; if it is cancelled, that is the end of its action in the audit log. Served by jobs_pkey,
-- operator_actions_pkey and operator_outcomes_pkey.
with controlled as (
  update kiroku.jobs
  set
    state = $2,
    requested = $3,
    error = null,
    ended_at = case when $2 = 'cancelled' then clock_timestamp() end
  where id = $1
  returning id, state
)
insert into kiroku.operator_outcomes (action, succeeded, error)
select controlled.id, false, 'It was cancelled.'
from controlled
join kiroku.operator_actions as action on action.id = controlled.id
where controlled.state = 'cancelled'
on conflict (action) do nothing
