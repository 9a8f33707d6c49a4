-- Gives the partitions ($2, $3, $4, $5) to the instance $1, each with a new epoch; not those that a batch holds at the moment: the next time.
-- Served by projection_partitions_pkey.
update kiroku.projection_partitions as taken
set owner = $1, epoch = taken.epoch + 1, stalled_reason = null, stalled_since = null
from (
  select part.projection, part.version, part.build, part.partition
  from kiroku.projection_partitions as part
  join unnest($2::text[], $3::integer[], $4::integer[], $5::integer[]) as wanted (projection, version, build, partition)
    using (projection, version, build, partition)
  for no key update of part skip locked
) as free
where (taken.projection, taken.version, taken.build, taken.partition) = (free.projection, free.version, free.build, free.partition)
returning taken.projection, taken.version, taken.build, taken.partition, taken.epoch
