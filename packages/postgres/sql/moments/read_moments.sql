-- Every moment, oldest position first, or ($1) one, with its projections. Served by moments_pkey and moment_projections_pkey; there are few.
select
  m.name,
  m.position,
  m.recorded_at as "recordedAt",
  m.created_at as "createdAt",
  json_build_object('id', m.log_id, 'timeline', m.timeline) as log,
  p.projection,
  p.version,
  p.schema_name as schema,
  p.job,
  p.epoch,
  p.parked_keys as "parkedKeys",
  p.built_at as "builtAt",
  coalesce((
    select sum(pg_total_relation_size(c.oid))
    from pg_namespace n
    join pg_class c on c.relnamespace = n.oid
    where n.nspname = p.schema_name and c.relkind = 'r'
  ), 0)::bigint as bytes
from kiroku.moments m
join kiroku.moment_projections p on p.moment = m.name
where $1::text is null or m.name = $1
order by m.position, m.name, p.projection, p.version
