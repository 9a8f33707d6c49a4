-- Says for $4 ms that the instance $1 runs the versions ($2, $3), and forgets instances that are long gone. Served by projection_instances_pkey;
-- there are few rows.
with gone as (
  delete from kiroku.projection_instances where alive_until < clock_timestamp() - interval '1 hour' and instance <> $1
)
insert into kiroku.projection_instances (instance, projection, version, alive_until)
select $1, projection, version, clock_timestamp() + $4 * interval '1 millisecond'
from unnest($2::text[], $3::integer[]) as declared (projection, version)
where exists (select from kiroku.projection_versions as registered where registered.projection = declared.projection and registered.version = declared.version)
on conflict (projection, version, instance) do update set alive_until = excluded.alive_until
