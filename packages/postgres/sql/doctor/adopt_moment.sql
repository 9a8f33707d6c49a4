-- Counts a moment as one of the timeline $3 from now on. Served by moments_pkey.
update kiroku.moments set timeline = $3 where name = $1 and log_id = $2
