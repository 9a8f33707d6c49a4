-- Makes the caller the only one that applies to a projection version until its transaction ends. Served by projection_partitions_pkey.
select log_id, timeline from kiroku.projection_partitions where projection = $1 and version = $2 and partition = 0 for no key update
