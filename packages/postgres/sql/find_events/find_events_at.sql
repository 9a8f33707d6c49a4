-- The events at places of streams, with the number of the place. Served by the index on stream and version.
select q.ordinal, e.position, e.id, e.type, e.schema_version, e.data::text as data, e.metadata
from unnest($1::text[], $2::integer[]) with ordinality q (stream, version, ordinal)
cross join lateral (
  select position, id, type, schema_version, data, metadata from kiroku.events where stream = q.stream and version = q.version limit 1
) e
