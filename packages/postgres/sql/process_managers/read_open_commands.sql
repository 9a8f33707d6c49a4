-- What an instance has sent that has no outcome yet. Served by outgoing_commands_instance_idx.
select
  id,
  type,
  created_at as "sentAt",
  attempts,
  due_at = 'infinity' as parked,
  last_error as "lastError"
from kiroku.outgoing_commands
where process_manager = $1 and instance = $2 and settled_at is null
order by number
