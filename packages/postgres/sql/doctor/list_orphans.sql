-- Commands on their way and timers without an instance, at most $1 of each. Reads the entries of outgoing_commands_parked_idx, process_timers_pkey and
-- process_instances_under_way_idx, and the commands that wait by outgoing_commands_due_idx; of the instances only those are looked up, by
-- process_instances_pkey, that are not under way: there are as many as there have ever been. `offset 0` keeps the planner to that.
with owners as materialized (
  select parked.process_manager, parked.instance
  from kiroku.outgoing_commands as parked
  where parked.settled_at is null
    and parked.due_at = 'infinity'
    and not exists (
      select from kiroku.process_instances as under_way
      where under_way.status = 'running' and under_way.process_manager = parked.process_manager and under_way.instance = parked.instance
    )
  union
  select waiting.process_manager, waiting.instance
  from kiroku.outgoing_commands as waiting
  where waiting.settled_at is null
    and waiting.due_at < 'infinity'
    and not exists (
      select from kiroku.process_instances as under_way
      where under_way.status = 'running' and under_way.process_manager = waiting.process_manager and under_way.instance = waiting.instance
    )
)
(
  select 'command' as kind, owner.process_manager as "processManager", owner.instance, command.type as what
  from owners as owner
  cross join lateral (
    select sent.type, sent.number
    from kiroku.outgoing_commands as sent
    where sent.process_manager = owner.process_manager and sent.instance = owner.instance and sent.settled_at is null
    offset 0
  ) as command
  where not exists (
    select from kiroku.process_instances as stored
    where stored.process_manager = owner.process_manager and stored.instance = owner.instance
    offset 0
  )
  order by command.number
  limit $1
)
union all
(
  select 'timer', timer.process_manager, timer.instance, timer.name
  from (
    select waiting.process_manager, waiting.instance, waiting.name
    from kiroku.process_timers as waiting
    where not exists (
      select from kiroku.process_instances as under_way
      where under_way.status = 'running' and under_way.process_manager = waiting.process_manager and under_way.instance = waiting.instance
    )
    offset 0
  ) as timer
  where not exists (
    select from kiroku.process_instances as stored
    where stored.process_manager = timer.process_manager and stored.instance = timer.instance
    offset 0
  )
  order by timer.process_manager, timer.instance, timer.name
  limit $1
)
