-- Cancels timers by instance and name. Served by process_timers_pkey.
delete from kiroku.process_timers as timer
using unnest($2::text[], $3::text[]) as cancelled (instance, name)
where timer.process_manager = $1 and timer.instance = cancelled.instance and timer.name = cancelled.name
