-- Notes which log a process manager follows, unless that is known already, and makes its $4 partitions if it has none. Served by process_managers_pkey.
with registered as (
  insert into kiroku.process_managers (name, log_id, timeline)
  values ($1, $2, $3)
  on conflict (name) do nothing
  returning name
)
insert into kiroku.process_partitions (process_manager, partition)
select registered.name, part.partition
from registered
cross join generate_series(0, $4::integer - 1) as part (partition)
