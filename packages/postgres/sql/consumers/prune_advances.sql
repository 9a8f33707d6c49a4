-- Deletes outdated positions from $2 on (not from the first: dead rows would be visited again). Served by consumer_advances_pkey.
delete from kiroku.consumer_advances where consumer = $1 and position >= $2 and position < $3
