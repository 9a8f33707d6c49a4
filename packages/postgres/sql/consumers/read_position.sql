-- How far a consumer is. Served by consumer_advances_pkey, from its end: dead rows below the last one are not visited.
select position from kiroku.consumer_advances where consumer = $1 order by position desc limit 1
