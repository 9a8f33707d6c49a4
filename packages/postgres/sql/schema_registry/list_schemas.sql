-- All registered schemas, in order. Served by event_schemas_key.
select type, schema_version, digest, json_schema, after_position, first_seen, last_seen
from kiroku.event_schemas
order by type, schema_version, first_seen, digest
