-- Finds events by their ids, to compare a repeated append with the first. Served by events_id.
select position, stream, id, type, schema_version, data::text as data
from kiroku.events
where id = any ($1::uuid[])
