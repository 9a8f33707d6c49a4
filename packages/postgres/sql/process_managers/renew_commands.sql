-- Keeps the commands $1, each claimed for the $2th time, for $3 ms more; not those that were claimed anew, given back or settled since. Locked in the
-- order in which lock_turn does. Served by outgoing_commands_pkey (see lock_turn).
with held as materialized (
  select command.id
  from kiroku.outgoing_commands as command
  join unnest($1::uuid[], $2::integer[]) as claimed (id, attempts) on command.id = claimed.id
  where command.id = any ($1::uuid[])
    and command.attempts = claimed.attempts
    and command.outcome is null
    and command.due_at <> 'infinity'
  order by command.id
  for update of command
)
update kiroku.outgoing_commands
set due_at = clock_timestamp() + $3 * interval '1 millisecond'
where id = any (array(select id from held))
