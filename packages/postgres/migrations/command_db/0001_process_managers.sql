-- Process managers: their instances, how far they are in the log, and the commands on their way out.
-- No foreign keys: each row would lock its process manager, which an advance holds.

-- Locked while a batch is applied; never updated on the way.
create table kiroku.process_managers (
  name text primary key,
  log_id uuid not null,
  timeline integer not null check (timeline > 0),
  registered_at timestamptz not null default clock_timestamp()
);

-- One row per applied batch, the greatest position is the checkpoint. Insert-only, old rows are deleted in passing: an updated row fell
-- from 2,200 to 800 batches/s within 25 s of one open snapshot (pg_dump, an idle transaction), this stays above 2,900.
create table kiroku.advances (
  process_manager text not null,
  position bigint not null check (position >= 0),
  applied_at timestamptz not null default clock_timestamp(),
  primary key (process_manager, position)
);

create view kiroku.checkpoints with (security_invoker) as
select
  known.name as process_manager,
  coalesce(latest.position, 0) as position,
  known.log_id,
  known.timeline,
  coalesce(latest.applied_at, known.registered_at) as updated_at
from kiroku.process_managers as known
left join lateral (
  select advance.position, advance.applied_at
  from kiroku.advances as advance
  where advance.process_manager = known.name
  order by advance.position desc
  limit 1
) as latest on true;

create table kiroku.process_instances (
  process_manager text not null,
  instance text not null,
  state jsonb not null,
  status text not null check (status in ('running', 'done', 'failed')),
  failure text check ((status = 'failed') = (failure is not null)),
  started_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (process_manager, instance)
);

-- What an operator looks for.
create index process_instances_failed_idx on kiroku.process_instances (process_manager, updated_at) where status = 'failed';

create table kiroku.process_history (
  process_manager text not null,
  instance text not null,
  number bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('event', 'command', 'accepted', 'rejected', 'done', 'failed', 'fault')),
  what text not null,
  reference text,
  primary key (process_manager, instance, number)
);

create table kiroku.outgoing_commands (
  id uuid primary key,
  number bigint generated always as identity,
  process_manager text not null,
  instance text not null,
  type text not null,
  data jsonb not null,
  metadata jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  -- a claim moves it to the end of its lease
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  last_error text,
  outcome jsonb,
  settled_at timestamptz,
  check ((outcome is null) = (settled_at is null))
);

create index outgoing_commands_due_idx on kiroku.outgoing_commands (due_at, number) where settled_at is null;
create index outgoing_commands_instance_idx on kiroku.outgoing_commands (process_manager, instance, number);

grant select, insert, update, delete
  on kiroku.process_managers, kiroku.advances, kiroku.process_instances, kiroku.process_history, kiroku.outgoing_commands
  to kiroku_service;
grant select on kiroku.checkpoints to kiroku_service;
grant select
  on kiroku.process_managers, kiroku.advances, kiroku.checkpoints, kiroku.process_instances, kiroku.process_history, kiroku.outgoing_commands
  to kiroku_maintenance;
