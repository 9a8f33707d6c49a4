-- Sets all partitions of an instance free and signs it off. Scans projection_partitions, which is small, once in the life of a process.
with gone as (
  delete from kiroku.projection_instances where instance = $1
)
update kiroku.projection_partitions set owner = null where owner = $1
