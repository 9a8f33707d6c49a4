-- Consumers outside, who get events of the log by webhook: how far each is, and the messages that could not be delivered.
-- No foreign keys: a row is only written by who has locked its consumer.

create table kiroku.consumers (
  id uuid primary key,
  name text not null unique,
  url text not null,
  types text[],
  categories text[],
  tags text[],
  reveal boolean not null,
  timeout_ms integer not null check (timeout_ms > 0),
  concurrency integer not null check (concurrency > 0),
  max_attempts integer not null check (max_attempts > 0),
  max_age_seconds integer not null check (max_age_seconds > 0),
  -- sealed with a key of the consumer's own, which is not in this database
  secret jsonb not null,
  previous_secret jsonb,
  previous_secret_until timestamptz check ((previous_secret_until is null) = (previous_secret is null)),
  log_id uuid not null,
  timeline integer not null check (timeline > 0),
  paused_reason text,
  paused_at timestamptz check ((paused_at is null) = (paused_reason is null)),
  owner text,
  -- raised by every later owner, and by every change of an operator's
  epoch integer not null default 0,
  leased_until timestamptz check ((leased_until is null) = (owner is null)),
  created_by text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- The processes that deliver, to share the consumers fairly.
create table kiroku.consumer_attendance (
  instance text primary key,
  alive_until timestamptz not null
);

-- The greatest position is where a consumer is. Insert-only, as kiroku.advances is, and for the same reason.
create table kiroku.consumer_advances (
  consumer uuid not null,
  position bigint not null check (position >= 0),
  moved_at timestamptz not null default clock_timestamp(),
  primary key (consumer, position)
);

-- waiting: tried again when it is due; queued: behind another of its stream; dead: until somebody retries or discards it.
-- The first of a stream is waiting or dead, all others are queued.
create table kiroku.consumer_messages (
  consumer uuid not null,
  position bigint not null check (position > 0),
  event_id uuid not null,
  event_type text not null,
  stream text not null,
  state text not null check (state in ('waiting', 'queued', 'dead')),
  attempts integer not null default 0,
  due_at timestamptz not null,
  error text,
  first_failed_at timestamptz check ((first_failed_at is null) = (error is null)),
  failed_at timestamptz check ((failed_at is null) = (error is null)),
  primary key (consumer, position)
);

create index consumer_messages_stream_idx on kiroku.consumer_messages (consumer, stream, position);
create index consumer_messages_due_idx on kiroku.consumer_messages (consumer, due_at, position) where state = 'waiting';
create index consumer_messages_dead_idx on kiroku.consumer_messages (consumer, position) where state = 'dead';

create view kiroku.consumer_status with (security_invoker) as
select
  consumer.id,
  consumer.name,
  consumer.url,
  consumer.types,
  consumer.categories,
  consumer.tags,
  consumer.reveal,
  consumer.timeout_ms,
  consumer.concurrency,
  consumer.max_attempts,
  consumer.max_age_seconds,
  consumer.log_id,
  consumer.timeline,
  coalesce(latest.position, 0) as position,
  coalesce(latest.moved_at, consumer.created_at) as moved_at,
  consumer.paused_reason,
  consumer.paused_at,
  kept.waiting,
  kept.dead,
  failing.error as failing_error,
  failing.first_failed_at as failing_since,
  case when consumer.leased_until > statement_timestamp() then consumer.owner end as owner,
  case when consumer.previous_secret_until > statement_timestamp() then consumer.previous_secret_until end as previous_secret_until,
  consumer.created_by,
  consumer.created_at
from kiroku.consumers as consumer
left join lateral (
  select advance.position, advance.moved_at
  from kiroku.consumer_advances as advance
  where advance.consumer = consumer.id
  order by advance.position desc
  limit 1
) as latest on true
cross join lateral (
  select count(*) filter (where message.state <> 'dead') as waiting, count(*) filter (where message.state = 'dead') as dead
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id
) as kept
left join lateral (
  select message.error, message.first_failed_at
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id and message.state = 'waiting' and message.error is not null
  order by message.failed_at desc
  limit 1
) as failing on true;

grant select, insert, update, delete
  on kiroku.consumers, kiroku.consumer_attendance, kiroku.consumer_advances, kiroku.consumer_messages
  to kiroku_service;
grant select on kiroku.consumer_status to kiroku_service;
-- not the secrets' table: maintenance has no need of it
grant select on kiroku.consumer_attendance, kiroku.consumer_advances, kiroku.consumer_messages to kiroku_maintenance;
