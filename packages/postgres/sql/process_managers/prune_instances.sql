-- Deletes the commands, settled or parked, and history of up to $2 instances that have been done for $1 days and have nothing on its way: what comes
-- of that would be kept for good. Locks commands and then instances, as lock_turn does, and waits for nothing, so that in no order: an instance with a
-- command that somebody is changing, or that has moved since it was looked for, is left for the next time. Served by process_instances_ended_idx,
-- outgoing_commands_instance_idx, process_instances_pkey and process_history_pkey.
with old as materialized (
  select process_manager, instance, updated_at
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
),
held as materialized (
  select command.id
  from old
  join kiroku.outgoing_commands as command on command.process_manager = old.process_manager and command.instance = old.instance
  where command.settled_at is not null or command.due_at = 'infinity'
  for update of command skip locked
),
pruned as materialized (
  select stored.process_manager, stored.instance
  from old
  join kiroku.process_instances as stored on stored.process_manager = old.process_manager and stored.instance = old.instance
  where stored.updated_at = old.updated_at
    and stored.pruned_at is null
    and not exists (
      select
      from kiroku.outgoing_commands as command
      where command.process_manager = old.process_manager
        and command.instance = old.instance
        and command.id not in (select id from held)
    )
  for update of stored skip locked
),
commands as (
  delete from kiroku.outgoing_commands as command
  using pruned
  where command.process_manager = pruned.process_manager and command.instance = pruned.instance
),
history as (
  delete from kiroku.process_history as step
  using pruned
  where step.process_manager = pruned.process_manager and step.instance = pruned.instance
)
update kiroku.process_instances as stored
set pruned_at = statement_timestamp()
from pruned
where stored.process_manager = pruned.process_manager and stored.instance = pruned.instance
