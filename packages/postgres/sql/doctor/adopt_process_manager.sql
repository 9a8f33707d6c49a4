-- Counts a process manager's positions as of the timeline $3 from now on. Served by process_managers_pkey.
update kiroku.process_managers set timeline = $3 where name = $1 and log_id = $2
