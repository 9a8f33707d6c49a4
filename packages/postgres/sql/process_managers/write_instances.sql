-- Writes instances as they are now. Served by process_instances_pkey.
insert into kiroku.process_instances as stored (process_manager, instance, state, status, failure, ended_at)
select $1, written.id, written.state, written.status, written.failure, case when written.status <> 'running' then clock_timestamp() end
from json_to_recordset($2::json) as written (id text, state jsonb, status text, failure text)
on conflict (process_manager, instance) do update
set
  state = excluded.state,
  status = excluded.status,
  failure = excluded.failure,
  updated_at = clock_timestamp(),
  ended_at = case when stored.status = excluded.status then stored.ended_at else excluded.ended_at end,
  pruned_at = case when stored.status = excluded.status then stored.pruned_at end
