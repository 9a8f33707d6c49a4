-- Commands without an outcome: how many wait and since when the oldest, and how many are parked. Counts up to 10,000 each. Served by
-- outgoing_commands_due_idx.
select
  waiting.commands as waiting,
  coalesce(extract(epoch from statement_timestamp() - waiting.oldest), 0)::double precision as "oldestSeconds",
  parked.commands as parked
from (
  select count(*)::integer as commands, min(counted.created_at) as oldest
  from (
    select command.created_at
    from kiroku.outgoing_commands as command
    where command.settled_at is null and command.due_at < 'infinity'
    order by command.due_at, command.number
    limit 10000
  ) as counted
) as waiting
cross join (
  select count(*)::integer as commands
  from (
    select from kiroku.outgoing_commands as command where command.settled_at is null and command.due_at = 'infinity' limit 10000
  ) as counted
) as parked
