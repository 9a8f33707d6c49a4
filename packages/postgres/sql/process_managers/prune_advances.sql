-- Deletes outdated checkpoints from $3 on (not from the first: dead rows would be visited again). Served by advances_pkey.
delete from kiroku.advances where process_manager = $1 and partition = $2 and position >= $3 and position < $4
