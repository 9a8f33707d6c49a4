-- Read models: which projections there are, from which log they are built, and how far they are.

create table kiroku.projections (
  name text primary key,
  active_version integer not null check (active_version > 0),
  registered_at timestamptz not null default clock_timestamp()
);

-- Locked while a batch is applied; never updated on the way.
create table kiroku.projection_partitions (
  projection text not null references kiroku.projections (name),
  version integer not null check (version > 0),
  partition smallint not null default 0 check (partition >= 0),
  log_id uuid not null,
  timeline integer not null check (timeline > 0),
  epoch bigint not null default 0,
  registered_at timestamptz not null default clock_timestamp(),
  primary key (projection, version, partition)
);

-- One row per applied batch, the greatest position is the checkpoint. Insert-only, old rows are deleted in passing: an updated row fell
-- from 2,200 to 800 batches/s within 25 s of one open snapshot (pg_dump, an idle transaction), this stays above 2,900.
create table kiroku.advances (
  projection text not null,
  version integer not null,
  partition smallint not null default 0,
  position bigint not null check (position >= 0),
  applied_at timestamptz not null default clock_timestamp(),
  primary key (projection, version, partition, position)
);

create view kiroku.checkpoints with (security_invoker) as
select
  built.projection,
  built.version,
  built.partition,
  coalesce(latest.position, 0) as position,
  built.log_id,
  built.timeline,
  built.epoch,
  coalesce(latest.applied_at, built.registered_at) as updated_at
from kiroku.projection_partitions as built
left join lateral (
  select advance.position, advance.applied_at
  from kiroku.advances as advance
  where advance.projection = built.projection and advance.version = built.version and advance.partition = built.partition
  order by advance.position desc
  limit 1
) as latest on true;

grant select, insert, update, delete on kiroku.projections, kiroku.projection_partitions, kiroku.advances to kiroku_service;
grant select on kiroku.checkpoints to kiroku_service;
grant select on kiroku.projections, kiroku.projection_partitions, kiroku.advances, kiroku.checkpoints to kiroku_maintenance;
