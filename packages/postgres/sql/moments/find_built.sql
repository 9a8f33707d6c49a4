-- The moments at position $3, or of name $4, of the log ($1, $2) in which all of the projections ($5, $6) are built, with their schemas in
-- that order. Served by moments_position_idx or moments_pkey, and moment_projections_pkey.
select m.name, m.position, array_agg(p.schema_name order by wanted.ordinal) as schemas,
  json_agg(p.built_at order by wanted.ordinal) as "builtAt"
from kiroku.moments m
cross join unnest($5::text[], $6::integer[]) with ordinality as wanted (projection, version, ordinal)
join kiroku.moment_projections p
  on p.moment = m.name and p.projection = wanted.projection and p.version = wanted.version and p.built_at is not null
where m.log_id = $1 and m.timeline = $2 and (m.position = $3 or m.name = $4)
group by m.name
having count(*) = cardinality($5::text[])
order by m.created_at
limit 1
