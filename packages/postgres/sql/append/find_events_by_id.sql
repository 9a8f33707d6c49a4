-- Finds events whose ids were chosen by who appended them, to compare a repeated append with the first. Served by the unique index on id of
-- each partition of event_ids and the primary key of events.
select e.position, e.stream, e.id, e.type, e.schema_version, e.data::text as data
from (select position from kiroku.event_ids where id = any ($1::uuid[]) offset 0) i
cross join lateral (select * from kiroku.events where position = i.position limit 1) e
