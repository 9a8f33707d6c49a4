-- Builds of a projection ($1, or of all), oldest first, with how many keys of each are parked. Served by the primary keys.
select
  made.projection,
  made.version,
  made.build,
  made.state,
  made.job,
  made.created_at,
  made.ready_at,
  made.retired_at,
  (
    select count(*) from kiroku.parked_keys as parked
    where parked.projection = made.projection and parked.version = made.version and parked.build = made.build
  ) as parked_keys
from kiroku.projection_builds as made
where $1::text is null or made.projection = $1
order by made.projection, made.version, made.build
