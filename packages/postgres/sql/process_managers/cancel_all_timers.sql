-- Cancels what timers an instance that is done still has. Served by process_timers_pkey.
delete from kiroku.process_timers where process_manager = $1 and instance = any ($2::text[])
