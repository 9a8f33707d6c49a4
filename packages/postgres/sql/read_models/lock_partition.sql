-- Makes the caller the only one that writes a partition of a build until its transaction ends. Served by projection_partitions_pkey.
select log_id, timeline, epoch
from kiroku.projection_partitions
where projection = $1 and version = $2 and build = $3 and partition = $4
for no key update
