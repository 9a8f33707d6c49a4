-- Keeps others from settling the command; nothing, if it is settled already. Served by outgoing_commands_pkey.
select id from kiroku.outgoing_commands where id = $1 and settled_at is null for update
