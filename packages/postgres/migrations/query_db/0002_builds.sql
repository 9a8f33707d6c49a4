-- Builds: a projection version has one or more, each with tables, partitions and checkpoints of its own; one of them is read.

drop view kiroku.checkpoints;

alter table kiroku.projection_partitions
  add column build integer not null default 1 check (build > 0),
  -- the lease: written a few times within its time, never by a batch
  add column owner text,
  add column leased_until timestamptz,
  add column stalled_reason text,
  add column stalled_since timestamptz,
  drop constraint projection_partitions_pkey,
  add primary key (projection, version, build, partition);

alter table kiroku.advances
  add column build integer not null default 1,
  drop constraint advances_pkey,
  add primary key (projection, version, build, partition, position);

-- The row that a switch changes, and that queries read in the same snapshot as the rows.
create table kiroku.projection_versions (
  projection text not null references kiroku.projections (name),
  version integer not null check (version > 0),
  active_build integer,
  previous_build integer,
  switched_at timestamptz,
  paused_at timestamptz,
  registered_at timestamptz not null default clock_timestamp(),
  primary key (projection, version)
);

create table kiroku.projection_builds (
  projection text not null,
  version integer not null,
  build integer not null check (build > 0),
  state text not null check (state in ('building', 'ready', 'retired')),
  partitions smallint not null default 1 check (partitions > 0),
  job uuid,
  created_at timestamptz not null default clock_timestamp(),
  ready_at timestamptz,
  retired_at timestamptz,
  primary key (projection, version, build),
  foreign key (projection, version) references kiroku.projection_versions (projection, version)
);

-- Which processes run which versions: a version in use is not retired, and work is shared among those alive.
create table kiroku.projection_instances (
  instance text not null,
  projection text not null,
  version integer not null,
  alive_until timestamptz not null,
  primary key (projection, version, instance)
);

-- Keys whose event could not be folded, and what waits behind it.
create table kiroku.parked_keys (
  projection text not null,
  version integer not null,
  build integer not null,
  table_name text not null,
  key_text text not null,
  key json,
  partition smallint not null,
  position bigint not null,
  event_type text not null,
  error_code text not null,
  error_message text not null,
  error_stack text,
  attempts integer not null default 1,
  parked_at timestamptz not null default clock_timestamp(),
  tried_at timestamptz not null default clock_timestamp(),
  primary key (projection, version, build, table_name, key_text)
);
create index parked_keys_parked_at_idx on kiroku.parked_keys (parked_at);

create table kiroku.parked_events (
  projection text not null,
  version integer not null,
  build integer not null,
  table_name text not null,
  key_text text not null,
  position bigint not null,
  primary key (projection, version, build, table_name, key_text, position),
  foreign key (projection, version, build, table_name, key_text) references kiroku.parked_keys on delete cascade
);

-- What was built before there were builds is the first of its version, and read.
insert into kiroku.projection_versions (projection, version, active_build, registered_at)
select projection, version, 1, min(registered_at) from kiroku.projection_partitions group by projection, version;
insert into kiroku.projection_builds (projection, version, build, state, partitions, created_at, ready_at)
select projection, version, 1, 'ready', count(*), min(registered_at), min(registered_at)
from kiroku.projection_partitions group by projection, version;

create view kiroku.checkpoints with (security_invoker) as
select
  built.projection,
  built.version,
  built.build,
  built.partition,
  coalesce(latest.position, 0) as position,
  built.log_id,
  built.timeline,
  built.epoch,
  coalesce(latest.applied_at, built.registered_at) as updated_at,
  case when built.leased_until > clock_timestamp() then built.owner end as owner,
  built.stalled_reason,
  built.stalled_since
from kiroku.projection_partitions as built
left join lateral (
  select advance.position, advance.applied_at
  from kiroku.advances as advance
  where advance.projection = built.projection and advance.version = built.version and advance.build = built.build
    and advance.partition = built.partition
  order by advance.position desc
  limit 1
) as latest on true;

grant select, insert, update, delete on
  kiroku.projection_versions, kiroku.projection_builds, kiroku.projection_instances, kiroku.parked_keys, kiroku.parked_events
  to kiroku_service;
grant select on
  kiroku.projection_versions, kiroku.projection_builds, kiroku.projection_instances, kiroku.parked_keys, kiroku.parked_events,
  kiroku.checkpoints
  to kiroku_maintenance;
grant select on kiroku.checkpoints to kiroku_service;
