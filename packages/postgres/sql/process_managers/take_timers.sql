-- Removes timers that have not been set anew, cancelled or taken since. Served by process_timers_pkey.
delete from kiroku.process_timers as timer
using unnest($2::text[], $3::text[], $4::uuid[]) as due (instance, name, id)
where timer.process_manager = $1 and timer.instance = due.instance and timer.name = due.name and timer.id = due.id
returning timer.id
