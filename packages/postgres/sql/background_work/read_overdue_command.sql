-- For how long the command has been due that became due first in the last $1 ms and is in nobody's hands. Served by outgoing_commands_due_idx,
-- from its lower bound: dead rows of the past are not visited.
select extract(epoch from statement_timestamp() - due_at)::double precision as "overdueSeconds"
from kiroku.outgoing_commands
where settled_at is null
  and due_at <= statement_timestamp()
  and due_at >= statement_timestamp() - $1 * interval '1 millisecond'
order by due_at, number
limit 1
