-- Keeps the commands $1, each claimed for the $2th time, for $3 ms more; not those that were claimed anew, given back or settled since. Served by
-- outgoing_commands_pkey (see lock_turn).
update kiroku.outgoing_commands as command
set due_at = clock_timestamp() + $3 * interval '1 millisecond'
from unnest($1::uuid[], $2::integer[]) as held (id, attempts)
where command.id = any ($1::uuid[])
  and command.id = held.id
  and command.attempts = held.attempts
  and command.outcome is null
  and command.due_at <> 'infinity'
