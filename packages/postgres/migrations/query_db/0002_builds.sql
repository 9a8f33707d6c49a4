-- Builds: a projection version has one or more, each with tables, partitions and checkpoints of its own; one of them is read.

drop view kiroku.checkpoints;

alter table kiroku.projection_partitions
  add column build integer not null default 1 check (build > 0),
  -- The lease: its owner holds it while it is alive (projection_instances), until a later epoch. Not renewed here, since a batch locks the
  -- row: an owner that catches up would hardly ever get the lock.
  add column owner text,
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
  -- of the run of the job that may write it; an earlier one has lost its lease
  epoch bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  ready_at timestamptz,
  retired_at timestamptz,
  primary key (projection, version, build),
  foreign key (projection, version) references kiroku.projection_versions (projection, version)
);

-- Which processes run which versions: a version in use is not retired, and work is shared among those alive. The one row that is updated
-- every second; alive_until is in no index, so that the update stays in its page.
create table kiroku.projection_instances (
  instance text not null,
  projection text not null,
  version integer not null,
  alive_until timestamptz not null,
  primary key (projection, version, instance)
) with (fillfactor = 50);

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
  alive.instance as owner,
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
) as latest on true
left join kiroku.projection_instances as alive
  on alive.projection = built.projection and alive.version = built.version and alive.instance = built.owner
    and alive.alive_until > clock_timestamp();

-- Begins a batch: makes the transaction the only one that writes a partition, and says where it is; no row if there is no such partition. A
-- function, since the checkpoint must be read by a statement of its own, to see what the previous holder of the lock committed.
-- No waiting for the disk: rows and checkpoint are lost together, and the batch is folded again from the log.
-- Always by the key's index: a plan that was cached while a table was small would scan it when it is large.
-- A process that stops in the middle must not hold the lock against whoever takes over.
create function kiroku.begin_batch(of_projection text, of_version integer, of_build integer, of_partition smallint)
returns table (log_id uuid, timeline integer, epoch bigint, "position" bigint, any_parked boolean)
language plpgsql
as $$
begin
  perform
    pg_catalog.set_config('synchronous_commit', 'off', true),
    pg_catalog.set_config('enable_hashjoin', 'off', true),
    pg_catalog.set_config('enable_mergejoin', 'off', true),
    pg_catalog.set_config('enable_seqscan', 'off', true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '5000', true);
  select part.log_id, part.timeline, part.epoch into log_id, timeline, epoch
  from kiroku.projection_partitions as part
  where part.projection = of_projection and part.version = of_version and part.build = of_build and part.partition = of_partition
  for no key update;
  if not found then
    return;
  end if;
  "position" := coalesce(
    (
      select advance.position from kiroku.advances as advance
      where advance.projection = of_projection and advance.version = of_version and advance.build = of_build
        and advance.partition = of_partition
      order by advance.position desc -- from the end of the index: dead rows below the last one are not visited
      limit 1
    ),
    0
  );
  any_parked := exists (
    select from kiroku.parked_keys as parked
    where parked.projection = of_projection and parked.version = of_version and parked.build = of_build
  );
  return next;
end
$$;

-- A batch without rows in one call: moves the checkpoint, if the partition is as expected; says how it was in any case.
create function kiroku.pass_over(
  of_projection text, of_version integer, of_build integer, of_partition smallint,
  expected_log uuid, expected_timeline integer, expected_epoch bigint, expected_position bigint,
  to_position bigint, message text
)
returns table (log_id uuid, timeline integer, epoch bigint, "position" bigint, any_parked boolean)
language plpgsql
as $$
begin
  select begun.log_id, begun.timeline, begun.epoch, begun.position, begun.any_parked
  into log_id, timeline, epoch, "position", any_parked
  from kiroku.begin_batch(of_projection, of_version, of_build, of_partition) as begun;
  if not found then
    return;
  end if;
  if log_id = expected_log and timeline = expected_timeline and epoch = expected_epoch and "position" = expected_position then
    insert into kiroku.advances as moved (projection, version, build, partition, position)
    values (of_projection, of_version, of_build, of_partition, to_position);
    perform pg_catalog.pg_notify('kiroku_read_models', message);
  end if;
  return next;
end
$$;

revoke execute on function kiroku.begin_batch(text, integer, integer, smallint) from public;
revoke execute on function
  kiroku.pass_over(text, integer, integer, smallint, uuid, integer, bigint, bigint, bigint, text) from public;
grant execute on function kiroku.begin_batch(text, integer, integer, smallint) to kiroku_service;
grant execute on function
  kiroku.pass_over(text, integer, integer, smallint, uuid, integer, bigint, bigint, bigint, text) to kiroku_service;

grant select, insert, update, delete on
  kiroku.projection_versions, kiroku.projection_builds, kiroku.projection_instances, kiroku.parked_keys, kiroku.parked_events
  to kiroku_service;
grant select on
  kiroku.projection_versions, kiroku.projection_builds, kiroku.projection_instances, kiroku.parked_keys, kiroku.parked_events,
  kiroku.checkpoints
  to kiroku_maintenance;
grant select on kiroku.checkpoints to kiroku_service;
