-- The partitions of a build, by default ($3 is null) of the one that is read, in order. Served by projection_partitions_pkey and advances_pkey.
select build, partition, position, updated_at, epoch, owner, stalled_reason, stalled_since
from kiroku.checkpoints
where projection = $1 and version = $2
  and build = coalesce($3::integer, (select active_build from kiroku.projection_versions where projection = $1 and version = $2))
order by partition
