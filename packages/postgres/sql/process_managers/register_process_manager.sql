-- Notes which log a process manager follows, unless that is known already. Served by process_managers_pkey.
insert into kiroku.process_managers (name, log_id, timeline)
values ($1, $2, $3)
on conflict (name) do nothing
