-- Makes build $3 the one that is read, and tells of it; nothing if it is already. Served by projection_versions_pkey.
with switched as (
  update kiroku.projection_versions
  set previous_build = active_build, active_build = $3, switched_at = clock_timestamp()
  where projection = $1 and version = $2 and active_build is distinct from $3
  returning projection, version, active_build as build
)
select pg_notify('kiroku_read_models', json_build_object(
  'projection', projection, 'version', version, 'build', build, 'partition', part.partition, 'position', part.position, 'isRead', true)::text)
from switched
join kiroku.checkpoints as part using (projection, version, build)
where part.partition = 0
