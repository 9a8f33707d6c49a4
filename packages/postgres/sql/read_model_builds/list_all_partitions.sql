-- Partitions of all builds of a projection ($1, or of all), in order. Served by projection_partitions_pkey and advances_pkey.
select projection, version, build, partition, position, log_id, timeline, updated_at, epoch, owner, stalled_reason, stalled_since
from kiroku.checkpoints
where $1::text is null or projection = $1
order by projection, version, build, partition
