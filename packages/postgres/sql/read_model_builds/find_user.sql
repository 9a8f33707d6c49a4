-- Why a version must stay readable: an instance alive that declares it, or that it is the newest. Served by the primary keys.
select
  (
    select min(instance) from kiroku.projection_instances
    where projection = $1 and version = $2 and alive_until > clock_timestamp()
  ) as instance,
  not exists (select from kiroku.projection_versions where projection = $1 and version > $2) as newest
