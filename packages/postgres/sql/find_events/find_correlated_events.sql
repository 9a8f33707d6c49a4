-- The first events with a correlation id, in the order of the log. Served by events_correlation: the offset keeps the planner from looking
-- for them in the order of positions, which would read the whole log if there are few.
select e.*
from (
  select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
  from kiroku.events
  where metadata ->> 'correlationId' = $1
  offset 0
) e
order by e.position
limit $2
