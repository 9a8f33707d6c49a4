-- Moves a process manager's checkpoint. Served by advances_pkey.
insert into kiroku.advances (process_manager, position) values ($1, $2)
