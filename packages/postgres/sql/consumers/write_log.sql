-- Notes which log the position of a consumer is of. Served by consumers_pkey.
update kiroku.consumers set log_id = $2, timeline = $3 where id = $1
