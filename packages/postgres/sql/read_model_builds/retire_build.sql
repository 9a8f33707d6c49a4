-- Forgets where a build is and what it has parked; its rows are the caller's to drop. Served by the primary keys.
with parts as (
  delete from kiroku.projection_partitions where projection = $1 and version = $2 and build = $3
), positions as (
  delete from kiroku.advances where projection = $1 and version = $2 and build = $3
), keys as (
  delete from kiroku.parked_keys where projection = $1 and version = $2 and build = $3
), verified as (
  delete from kiroku.verified_rows where projection = $1 and version = $2 and build = $3
), pointers as (
  update kiroku.projection_versions
  set active_build = nullif(active_build, $3), previous_build = nullif(previous_build, $3)
  where projection = $1 and version = $2 and $3 in (active_build, previous_build)
)
update kiroku.projection_builds
set state = 'retired', retired_at = clock_timestamp()
where projection = $1 and version = $2 and build = $3
