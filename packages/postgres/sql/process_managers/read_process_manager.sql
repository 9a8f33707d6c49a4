-- Which log a process manager follows. Served by process_managers_pkey.
select log_id, timeline from kiroku.process_managers where name = $1
