-- The events that the next $4 instances of a process manager ($1), after $3, of those that changed since $2, have taken in. Reads the instances, or
-- goes along process_instances_pkey if most of them changed; their histories are served by process_history_pkey: `offset 0` keeps the planner from
-- reading all histories. The last row tells the instance after which it goes on.
with recent as materialized (
  select stored.instance
  from kiroku.process_instances as stored
  where stored.process_manager = $1 and stored.updated_at >= $2::timestamptz and stored.instance > $3
  order by stored.instance
  limit $4
)
select recent.instance, step.reference as id
from recent
left join lateral (
  select history.reference
  from kiroku.process_history as history
  where history.process_manager = $1 and history.instance = recent.instance and history.kind = 'event' and history.reference is not null
  offset 0
) as step on true
order by recent.instance
