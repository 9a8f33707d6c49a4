-- Claims up to $1 commands that became due in the last $3 ms, for $2 ms, those that are due longest first, past those that another process is
-- claiming. Served by outgoing_commands_due_idx, from its lower bound: dead rows of the past are not visited.
with due as (
  select id
  from kiroku.outgoing_commands
  where settled_at is null
    and due_at <= statement_timestamp()
    and due_at >= statement_timestamp() - $3 * interval '1 millisecond'
  order by due_at, number
  limit $1
  for update skip locked
),
claimed as (
  update kiroku.outgoing_commands as command
  set due_at = clock_timestamp() + $2 * interval '1 millisecond', attempts = command.attempts + 1
  where command.id = any (array(select id from due))
  returning
    command.id,
    command.number,
    command.process_manager,
    command.instance,
    command.type,
    command.data,
    command.metadata,
    command.label,
    command.attempts
)
select id, process_manager, instance, type, data, metadata, label, attempts from claimed order by number
