-- Moves a partition's checkpoint. Served by advances_pkey.
insert into kiroku.advances (process_manager, partition, position) values ($1, $2, $3)
