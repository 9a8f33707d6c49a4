-- Deletes outdated checkpoints from $2 on (not from the first: dead rows would be visited again). Served by advances_pkey.
delete from kiroku.advances where process_manager = $1 and position >= $2 and position < $3
