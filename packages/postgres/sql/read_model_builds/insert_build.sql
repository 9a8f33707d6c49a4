-- Registers the next build of a version, with $3 partitions, made by run $7 of job $4 from log ($5, $6); no row if one is being made. The
-- caller holds the projection's lock. Served by projection_builds_pkey.
with made as (
  insert into kiroku.projection_builds (projection, version, build, state, partitions, job, epoch)
  select $1, $2, coalesce(max(build), 0) + 1, 'building', $3::smallint, $4::uuid, $7::bigint
  from kiroku.projection_builds
  where projection = $1 and version = $2
  having count(*) filter (where state = 'building') = 0
  returning projection, version, build
), parts as (
  insert into kiroku.projection_partitions (projection, version, build, partition, log_id, timeline)
  select projection, version, build, number, $5, $6 from made cross join generate_series(0, $3::integer - 1) as number
)
select build from made
