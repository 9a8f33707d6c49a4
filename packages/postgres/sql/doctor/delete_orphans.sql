-- Deletes commands on their way and timers that have no instance. Reads timers and open commands.
with commands as (
  delete from kiroku.outgoing_commands as command
  where command.settled_at is null
    and not exists (
      select from kiroku.process_instances as stored
      where stored.process_manager = command.process_manager and stored.instance = command.instance
    )
)
delete from kiroku.process_timers as timer
where not exists (
  select from kiroku.process_instances as stored
  where stored.process_manager = timer.process_manager and stored.instance = timer.instance
)
