-- Notes that the process $1 runs the process managers $2 for the next $3 ms, and forgets those that are gone. Served by process_attendance_pkey.
with gone as (
  delete from kiroku.process_attendance
  where process_manager = any ($2::text[]) and alive_until <= statement_timestamp() and instance <> $1
)
insert into kiroku.process_attendance (process_manager, instance, alive_until)
select known.name, $1, clock_timestamp() + $3 * interval '1 millisecond'
from kiroku.process_managers as known
where known.name = any ($2::text[])
on conflict (process_manager, instance) do update set alive_until = excluded.alive_until
