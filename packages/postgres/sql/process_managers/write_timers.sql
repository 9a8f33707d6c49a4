-- Sets timers, instead of those of the same names. Served by process_timers_pkey.
insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
select
  $1,
  timer.instance,
  timer.name,
  timer.id,
  coalesce(timer."dueAt", clock_timestamp() + timer."dueInMs" * interval '1 millisecond'),
  timer.metadata
from json_to_recordset($2::json) as timer (instance text, name text, id uuid, "dueAt" timestamptz, "dueInMs" double precision, metadata jsonb)
on conflict (process_manager, instance, name) do update
set id = excluded.id, due_at = excluded.due_at, metadata = excluded.metadata
