-- Deletes commands on their way and timers that have no instance, commands locked in the order in which lock_turn does. Reads timers and open commands.
with open as materialized (
  select command.id
  from kiroku.outgoing_commands as command
  where command.settled_at is null
    and not exists (
      select from kiroku.process_instances as stored
      where stored.process_manager = command.process_manager and stored.instance = command.instance
    )
  order by command.id
  for update of command
),
commands as (
  delete from kiroku.outgoing_commands where id = any (array(select id from open))
)
delete from kiroku.process_timers as timer
where not exists (
  select from kiroku.process_instances as stored
  where stored.process_manager = timer.process_manager and stored.instance = timer.instance
)
