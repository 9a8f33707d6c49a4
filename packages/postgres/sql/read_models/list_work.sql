-- Partitions of the versions ($1, $2) that are to be followed, with who holds them and which instances could. Served by the primary keys.
select
  part.projection,
  part.version,
  part.build,
  part.partition,
  made.partitions,
  part.epoch,
  part.position,
  part.owner,
  array(
    select alive.instance from kiroku.projection_instances as alive
    where alive.projection = part.projection and alive.version = part.version and alive.alive_until > clock_timestamp()
  ) as instances
from unnest($1::text[], $2::integer[]) as declared (projection, version)
join kiroku.projection_versions as registered using (projection, version)
join kiroku.projection_builds as made using (projection, version)
join kiroku.checkpoints as part using (projection, version, build)
where made.state = 'ready' and registered.paused_at is null
