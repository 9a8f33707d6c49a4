-- Stops the followers of a build between two batches, until the transaction ends. Served by projection_partitions_pkey.
select log_id, timeline
from kiroku.projection_partitions
where projection = $1 and version = $2 and build = $3
order by partition
for no key update
