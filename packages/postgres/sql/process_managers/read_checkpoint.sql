-- How far a process manager is. Served by advances_pkey, from its end: dead rows below the last one are not visited.
select position from kiroku.advances where process_manager = $1 order by position desc limit 1
