-- For people: the instances of this id, of whatever process manager, as they are. Served by process_instances_pkey where $2 names it.
select
  process_manager as "processManager",
  instance as id,
  status,
  failure,
  state,
  started_at as "startedAt",
  updated_at as "updatedAt",
  ended_at as "endedAt"
from kiroku.process_instances
where instance = $1 and ($2::text is null or process_manager = $2)
order by process_manager
