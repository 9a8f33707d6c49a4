-- Makes a command due again after a fault, or parks it, unless it was settled or claimed anew since; a parked one is told its history. Served by
-- outgoing_commands_pkey (see lock_commands).
with given_back as (
  update kiroku.outgoing_commands
  set due_at = coalesce(clock_timestamp() + $3::double precision * interval '1 millisecond', 'infinity'), last_error = $4
  where id = $1 and attempts = $2 and outcome is null
  returning process_manager, instance, type
)
insert into kiroku.process_history (process_manager, instance, kind, what, reference)
select process_manager, instance, 'parked', type || ': ' || $4, $1::text
from given_back
where $3::double precision is null
