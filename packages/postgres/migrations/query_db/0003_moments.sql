-- Moments: read models as they were at a position of the log, in schemas beside the live ones, until they are dropped.

create table kiroku.moments (
  name text primary key,
  log_id uuid not null,
  timeline integer not null check (timeline > 0),
  position bigint not null check (position > 0),
  -- of the event at that position
  recorded_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp()
);
create index moments_position_idx on kiroku.moments (position);

create table kiroku.moment_projections (
  moment text not null references kiroku.moments (name) on delete cascade,
  projection text not null,
  version integer not null check (version > 0),
  schema_name text not null unique,
  -- that builds or built it
  job uuid not null,
  parked_keys bigint not null default 0,
  -- null: it is not complete
  built_at timestamptz,
  primary key (moment, projection, version)
);

grant select, insert, update, delete on kiroku.moments, kiroku.moment_projections to kiroku_service;
grant select on kiroku.moments, kiroku.moment_projections to kiroku_maintenance;
