-- Sets the partitions ($2, $3, $4, $5) of the instance $1 free; not those that its own batch still holds: the next time.
-- Served by projection_partitions_pkey.
update kiroku.projection_partitions as freed
set owner = null
from (
  select part.projection, part.version, part.build, part.partition
  from kiroku.projection_partitions as part
  join unnest($2::text[], $3::integer[], $4::integer[], $5::integer[]) as given (projection, version, build, partition)
    using (projection, version, build, partition)
  where part.owner = $1
  for no key update of part skip locked
) as held
where (freed.projection, freed.version, freed.build, freed.partition) = (held.projection, held.version, held.build, held.partition)
