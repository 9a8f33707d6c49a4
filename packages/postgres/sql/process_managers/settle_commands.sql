-- Records what became of commands. Served by outgoing_commands_pkey.
update kiroku.outgoing_commands as command
set outcome = settled.outcome, settled_at = clock_timestamp(), last_error = null
from json_to_recordset($1::json) as settled (id uuid, outcome jsonb)
where command.id = settled.id
