-- Claims up to $1 due commands for $2 ms, those that are due longest first, past those that another process is claiming. Served by outgoing_commands_due_idx.
with due as (
  select id
  from kiroku.outgoing_commands
  where settled_at is null and due_at <= clock_timestamp()
  order by due_at, number
  limit $1
  for update skip locked
),
claimed as (
  update kiroku.outgoing_commands as command
  set due_at = clock_timestamp() + $2 * interval '1 millisecond', attempts = command.attempts + 1
  from due
  where command.id = due.id
  returning command.id, command.number, command.process_manager, command.instance, command.type, command.data, command.metadata, command.attempts
)
select id, process_manager, instance, type, data, metadata, attempts from claimed order by number
