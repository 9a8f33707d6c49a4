-- Reads a stream from a version back. Served by events_stream_version.
select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
from kiroku.events
where stream = $1 and version <= $2
order by version desc
limit $3
