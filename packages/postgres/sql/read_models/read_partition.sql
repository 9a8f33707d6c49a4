-- From which log a projection version is built. Served by projection_partitions_pkey.
select log_id, timeline from kiroku.projection_partitions where projection = $1 and version = $2 and partition = 0
