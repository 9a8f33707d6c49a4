-- Counts a build's positions as of the timeline $5 from now on: they are of what it has in common with theirs. Served by projection_partitions_pkey.
update kiroku.projection_partitions
set timeline = $5, stalled_reason = null, stalled_since = null
where projection = $1 and version = $2 and build = $3 and log_id = $4
