-- Versions of a projection ($1, or all), with the instances alive that declare them. Served by the primary keys.
select
  registered.projection,
  registered.version,
  registered.active_build,
  registered.previous_build,
  registered.switched_at,
  registered.paused_at,
  array(
    select alive.instance from kiroku.projection_instances as alive
    where alive.projection = registered.projection and alive.version = registered.version and alive.alive_until > clock_timestamp()
    order by alive.instance
  ) as instances
from kiroku.projection_versions as registered
where $1::text is null or registered.projection = $1
order by registered.projection, registered.version
