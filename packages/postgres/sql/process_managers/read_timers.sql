-- The timers of an instance, the next first. Served by process_timers_pkey.
select name, due_at as "dueAt" from kiroku.process_timers where process_manager = $1 and instance = $2 order by due_at
