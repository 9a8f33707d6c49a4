-- Deletes the commands, settled or parked, and history of up to $2 instances that have been done for $1 days and have nothing on its way: what comes
-- of that would be kept for good. Served by process_instances_ended_idx, outgoing_commands_instance_idx and process_history_pkey.
with old as (
  select process_manager, instance
  from kiroku.process_instances as stored
  where status = 'done'
    and ended_at is not null
    and pruned_at is null
    and ended_at < statement_timestamp() - $1 * interval '1 day'
    and not exists (
      select
      from kiroku.outgoing_commands as command
      where command.process_manager = stored.process_manager
        and command.instance = stored.instance
        and command.settled_at is null
        and command.due_at < 'infinity'
    )
  order by ended_at
  limit $2
  for update skip locked
),
commands as (
  delete from kiroku.outgoing_commands as command
  using old
  where command.process_manager = old.process_manager
    and command.instance = old.instance
    and (command.settled_at is not null or command.due_at = 'infinity')
),
history as (
  delete from kiroku.process_history as step
  using old
  where step.process_manager = old.process_manager and step.instance = old.instance
)
update kiroku.process_instances as stored
set pruned_at = statement_timestamp()
from old
where stored.process_manager = old.process_manager and stored.instance = old.instance
