-- Registers schemas, or says that they were seen again. Served by event_schemas_key and commits_pkey.
insert into kiroku.event_schemas (type, schema_version, digest, json_schema, after_position, first_seen, last_seen)
select s.type, s.schema_version, s.digest, s.json_schema,
  coalesce((select c.last_position from kiroku.commits c order by c.last_position desc limit 1), 0), statement_timestamp(), statement_timestamp()
from unnest($1::text[], $2::integer[], $3::text[], $4::json[]) s (type, schema_version, digest, json_schema)
on conflict on constraint event_schemas_key do update
set last_seen = excluded.last_seen
