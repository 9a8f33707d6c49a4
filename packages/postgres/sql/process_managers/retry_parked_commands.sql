-- Makes an instance's parked commands due again. Served by outgoing_commands_instance_idx.
update kiroku.outgoing_commands
set due_at = statement_timestamp(), attempts = 0
where process_manager = $1 and instance = $2 and settled_at is null and due_at = 'infinity'
