-- Notes that the process $1 delivers for the next $2 ms, and forgets those that are gone. Served by consumer_attendance_pkey.
with gone as (
  delete from kiroku.consumer_attendance where alive_until <= statement_timestamp() and instance <> $1
)
insert into kiroku.consumer_attendance (instance, alive_until)
values ($1, clock_timestamp() + $2 * interval '1 millisecond')
on conflict (instance) do update set alive_until = excluded.alive_until
