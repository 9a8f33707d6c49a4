-- Makes the caller the only one that advances a partition until its transaction ends, tells whose turn it is and, if it is the caller's ($4),
-- loads instances and keeps others from changing them; in one order, so that two callers cannot wait for each other. Served by
-- process_partitions_pkey and process_instances_pkey.
with turn as materialized (
  select epoch from kiroku.process_partitions where process_manager = $1 and partition = $2 for no key update
),
locked as materialized (
  select instance, state, status, failure
  from kiroku.process_instances
  where process_manager = $1 and instance = any ($3::text[]) and (select epoch from turn) = $4
  order by instance
  for update
)
select turn.epoch, locked.instance, locked.state, locked.status, locked.failure
from turn
left join locked on true
