-- Declares a build complete up to $4 in all its partitions; from then on it is followed. A row for each partition. Served by projection_builds_pkey.
with made as (
  update kiroku.projection_builds
  set state = 'ready', ready_at = clock_timestamp()
  where projection = $1 and version = $2 and build = $3
  returning partitions
)
insert into kiroku.advances (projection, version, build, partition, position)
select $1, $2, $3, number, $4 from made cross join generate_series(0, made.partitions - 1) as number
returning partition
