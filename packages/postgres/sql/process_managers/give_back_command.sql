-- Makes a command due again after a fault, unless it was settled or claimed anew since, and tells its history. Served by outgoing_commands_pkey (see lock_command).
with given_back as (
  update kiroku.outgoing_commands
  set due_at = $3::timestamptz, last_error = $4
  where id = $1 and attempts = $2 and outcome is null
  returning process_manager, instance, type
)
insert into kiroku.process_history (process_manager, instance, kind, what, reference)
select process_manager, instance, 'fault', type || ': ' || $4, $1::text
from given_back
