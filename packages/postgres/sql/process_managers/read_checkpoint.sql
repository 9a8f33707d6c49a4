-- How far a partition is. Served by advances_pkey, from its end: dead rows below the last one are not visited.
select position from kiroku.advances where process_manager = $1 and partition = $2 order by position desc limit 1
