-- Registers a build that follows the log from its beginning, with $4 partitions, and makes it the one that is read. Served by the primary keys.
with built as (
  insert into kiroku.projection_builds (projection, version, build, state, partitions, ready_at)
  values ($1, $2, $3, 'ready', $4, clock_timestamp())
), parts as (
  insert into kiroku.projection_partitions (projection, version, build, partition, log_id, timeline)
  select $1, $2, $3, number, $5, $6 from generate_series(0, $4::integer - 1) as number
)
update kiroku.projection_versions
set active_build = $3, previous_build = active_build, switched_at = clock_timestamp()
where projection = $1 and version = $2
