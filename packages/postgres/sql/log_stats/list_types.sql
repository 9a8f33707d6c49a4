-- Every event type, and how many events it has, $1 at most. Jumps from type to type. Served by the index on type and position of each
-- partition of events.
with recursive known as (
  (select type from kiroku.events order by type limit 1)
  union all
  select (select e.type from kiroku.events e where e.type > known.type order by e.type limit 1)
  from known
  where known.type is not null
)
select known.type, counted.events
from known
cross join lateral (
  select count(*) as events from (select from kiroku.events e where e.type = known.type limit $1) e
) counted
where known.type is not null
