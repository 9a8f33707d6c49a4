-- Records what became of a command. Served by outgoing_commands_pkey.
update kiroku.outgoing_commands
set outcome = $2::jsonb, settled_at = clock_timestamp(), last_error = null
where id = $1
