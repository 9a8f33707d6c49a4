-- Keeps others from settling the command; nothing, if it is settled already. Served by outgoing_commands_pkey (asking for settled_at would let
-- the planner walk the dead rows of outgoing_commands_due_idx).
select id from kiroku.outgoing_commands where id = $1 and outcome is null for update
