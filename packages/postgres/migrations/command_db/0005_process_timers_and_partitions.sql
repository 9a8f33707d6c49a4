-- Process managers: timers, partitions with leases, labels of commands, and what is removed in time.

create table kiroku.process_timers (
  process_manager text not null,
  instance text not null,
  name text not null,
  -- another one for each setting
  id uuid not null,
  due_at timestamptz not null,
  -- of what set it: goes on to what it leads to
  metadata jsonb not null,
  primary key (process_manager, instance, name)
);

create index process_timers_due_idx on kiroku.process_timers (process_manager, due_at);

-- Instances belong to a partition by the hash of their id; as many as there are now, for good.
create table kiroku.process_partitions (
  process_manager text not null,
  partition integer not null check (partition >= 0),
  owner text,
  -- a later owner has a greater one
  epoch integer not null default 0,
  leased_until timestamptz check ((leased_until is null) = (owner is null)),
  primary key (process_manager, partition)
);

insert into kiroku.process_partitions (process_manager, partition)
select known.name, part.partition
from kiroku.process_managers as known
cross join generate_series(0, 3) as part (partition);

-- Who runs a process manager, to share it fairly.
create table kiroku.process_attendance (
  process_manager text not null,
  instance text not null,
  alive_until timestamptz not null,
  primary key (process_manager, instance)
);

drop view kiroku.checkpoints;

-- Without a default: a process of the previous release, which knows no partitions, cannot move a checkpoint any more.
alter table kiroku.advances add column partition integer not null default 0;
alter table kiroku.advances alter column partition drop default;
alter table kiroku.advances drop constraint advances_pkey;
alter table kiroku.advances add constraint advances_pkey primary key (process_manager, partition, position);

-- Every partition goes on from where the whole was.
insert into kiroku.advances (process_manager, partition, position)
select latest.process_manager, part.partition, latest.position
from (select process_manager, max(position) as position from kiroku.advances group by process_manager) as latest
cross join generate_series(1, 3) as part (partition);

create view kiroku.checkpoints with (security_invoker) as
select
  known.name as process_manager,
  part.partition,
  coalesce(latest.position, 0) as position,
  known.log_id,
  known.timeline,
  coalesce(latest.applied_at, known.registered_at) as updated_at,
  case when part.leased_until > statement_timestamp() then part.owner end as owner
from kiroku.process_managers as known
join kiroku.process_partitions as part on part.process_manager = known.name
left join lateral (
  select advance.position, advance.applied_at
  from kiroku.advances as advance
  where advance.process_manager = part.process_manager and advance.partition = part.partition
  order by advance.position desc
  limit 1
) as latest on true;

alter table kiroku.outgoing_commands add column label text;
comment on column kiroku.outgoing_commands.due_at is 'infinity: parked after too many faults, until somebody retries it';

-- Rewritten with every input: room for the new version of a row on its page, and no index on what changes each time.
alter table kiroku.process_instances set (fillfactor = 70);
alter table kiroku.process_instances add column ended_at timestamptz;
alter table kiroku.process_instances add column pruned_at timestamptz;
update kiroku.process_instances set ended_at = updated_at where status <> 'running';
alter table kiroku.process_instances add check ((ended_at is null) = (status = 'running'));
drop index kiroku.process_instances_failed_idx;
create index process_instances_ended_idx on kiroku.process_instances (status, ended_at) where ended_at is not null and pruned_at is null;

alter table kiroku.process_history drop constraint process_history_kind_check;
alter table kiroku.process_history add constraint process_history_kind_check check (
  kind in ('event', 'command', 'accepted', 'rejected', 'timer', 'operator', 'done', 'failed', 'resumed', 'parked', 'fault')
);

grant select, insert, update, delete on kiroku.process_timers, kiroku.process_partitions, kiroku.process_attendance to kiroku_service;
grant select on kiroku.checkpoints to kiroku_service;
grant select
  on kiroku.process_timers, kiroku.process_partitions, kiroku.process_attendance, kiroku.checkpoints
  to kiroku_maintenance;
