-- Deletes outdated checkpoints from $5 on (not from the first: dead rows would be visited again). Served by advances_pkey.
delete from kiroku.advances
where projection = $1 and version = $2 and build = $3 and partition = $4 and position >= $5 and position < $6
