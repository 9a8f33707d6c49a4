-- Counts events at given positions, by type and category. Served by the primary key of events.
select e.type, split_part(e.stream, '-', 1) as category, count(*) as events, count(*) filter (where e.version = 1) as streams
from unnest($1::bigint[]) p (position)
cross join lateral (select type, stream, version from kiroku.events where position = p.position limit 1) e
group by e.type, category
