-- Builds of a version, oldest first, each with the logs its partitions are built from. Served by projection_builds_pkey and projection_partitions_pkey.
select
  made.build,
  made.state,
  made.build = registered.active_build as active,
  array(
    select jsonb_build_object('log_id', part.log_id, 'timeline', part.timeline)
    from kiroku.projection_partitions as part
    where part.projection = made.projection and part.version = made.version and part.build = made.build
    order by part.partition
  ) as logs
from kiroku.projection_builds as made
join kiroku.projection_versions as registered using (projection, version)
where made.projection = $1 and made.version = $2
order by made.build
