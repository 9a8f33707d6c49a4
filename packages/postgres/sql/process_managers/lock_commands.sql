-- Keeps others from settling the commands, in one order; without those that are settled already. Served by outgoing_commands_pkey (asking for
-- settled_at would let the planner walk the dead rows of outgoing_commands_due_idx).
select id from kiroku.outgoing_commands where id = any ($1::uuid[]) and outcome is null order by id for update
