-- Deletes outdated checkpoints from $3 on (not from the first: dead rows would be visited again). Served by advances_pkey.
delete from kiroku.advances where projection = $1 and version = $2 and partition = 0 and position >= $3 and position < $4
