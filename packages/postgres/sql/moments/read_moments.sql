-- The first $2 moments, or all, oldest position first, or ($1) one, with their projections; if given, after the one at position $3 of name $4.
-- Served by moments_position_idx or moments_pkey, and moment_projections_pkey; sizes are looked up of those that are listed alone.
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
from (
  select moment.*
  from kiroku.moments moment
  where ($1::text is null or moment.name = $1)
    and moment.position >= coalesce($3::bigint, 0)
    and ($3::bigint is null or (moment.position, moment.name) > ($3, $4::text))
    and exists (select from kiroku.moment_projections of where of.moment = moment.name)
  order by moment.position, moment.name
  limit $2
) m
join kiroku.moment_projections p on p.moment = m.name
order by m.position, m.name, p.projection, p.version
