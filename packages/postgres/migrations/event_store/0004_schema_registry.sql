-- How the data of each event type looked at each schema version, and when code with it started first and last. Compatible changes leave a
-- version with several rows.
create table kiroku.event_schemas (
  type text collate "C" not null,
  schema_version integer not null check (schema_version > 0),
  -- of json_schema
  digest text collate "C" not null,
  -- null: the schema's library cannot express it
  json_schema json,
  -- the head of the log when it was registered: no event of this version was written before
  after_position bigint not null check (after_position >= 0),
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  constraint event_schemas_key primary key (type, schema_version, digest)
);

grant select, insert, update on kiroku.event_schemas to kiroku_service;
grant select on kiroku.event_schemas to kiroku_maintenance;
