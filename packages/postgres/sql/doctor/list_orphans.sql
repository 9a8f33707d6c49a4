-- Commands on their way and timers without an instance, at most $1 of each. Reads timers and open commands.
(
  select 'command' as kind, command.process_manager as "processManager", command.instance, command.type as what
  from kiroku.outgoing_commands as command
  where command.settled_at is null
    and not exists (
      select from kiroku.process_instances as stored
      where stored.process_manager = command.process_manager and stored.instance = command.instance
    )
  order by command.number
  limit $1
)
union all
(
  select 'timer', timer.process_manager, timer.instance, timer.name
  from kiroku.process_timers as timer
  where not exists (
    select from kiroku.process_instances as stored
    where stored.process_manager = timer.process_manager and stored.instance = timer.instance
  )
  order by timer.process_manager, timer.instance, timer.name
  limit $1
)
