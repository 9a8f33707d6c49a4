-- How far a process manager is: the partition farthest behind. Served by advances_pkey, once for each partition.
select coalesce(min(position), 0) as position from kiroku.checkpoints where process_manager = $1
