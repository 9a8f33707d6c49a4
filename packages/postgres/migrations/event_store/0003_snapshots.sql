-- States of aggregates, so that a long stream need not be read from its beginning. A cache: any row may be deleted at any time. A row is
-- replaced once in so many events of its stream as the aggregate declares, so dead rows stay few even under a long snapshot.
create table kiroku.snapshots (
  stream text collate "C" not null,
  aggregate text collate "C" not null,
  state_version integer not null check (state_version > 0),
  version integer not null check (version > 0),
  event_id uuid not null,
  state text not null,
  checksum bytea not null,
  saved_at timestamptz not null,
  constraint snapshots_key primary key (stream, aggregate, state_version)
);

grant select, insert, update, delete on kiroku.snapshots to kiroku_service;
grant select, delete on kiroku.snapshots to kiroku_maintenance;
