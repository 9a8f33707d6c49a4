-- Writes instances as they are now. Served by process_instances_pkey.
insert into kiroku.process_instances (process_manager, instance, state, status, failure)
select $1, written.id, written.state, written.status, written.failure
from json_to_recordset($2::json) as written (id text, state jsonb, status text, failure text)
on conflict (process_manager, instance) do update
set state = excluded.state, status = excluded.status, failure = excluded.failure, updated_at = clock_timestamp()
