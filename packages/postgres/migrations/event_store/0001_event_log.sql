-- The event log. Everything here is only ever inserted: under a long snapshot (a backup, a verification, an idle transaction) an updated
-- row grows a chain of dead versions that every append would walk (5,600 appends/s fell to 891 within 100 s); inserted ones do not.
-- Text is compared by bytes (collate "C"): quicker, and no upgrade of the operating system's locales can corrupt an index.

-- Which log this is. A restore raises the timeline.
create table kiroku.log (
  only_row boolean primary key default true check (only_row),
  id uuid not null,
  timeline integer not null check (timeline > 0)
);
insert into kiroku.log (id, timeline) values (gen_random_uuid(), 1);

-- How the log is cut. Changes apply to the partitions that are created afterwards.
create table kiroku.settings (
  only_row boolean primary key default true check (only_row),
  -- positions in one partition of events, and whole partitions kept ready beyond the one that is being filled
  event_partition_size bigint not null default 2000000 check (event_partition_size > 0),
  event_partitions_ahead integer not null default 2 check (event_partitions_ahead > 0),
  -- how long a command id or a chosen event id is remembered at least; days in one partition; partitions kept ready
  idempotency_days integer not null default 35 check (idempotency_days > 0),
  idempotency_partition_days integer not null default 7 check (idempotency_partition_days > 0),
  idempotency_partitions_ahead integer not null default 4 check (idempotency_partitions_ahead > 0)
);
insert into kiroku.settings default values;

-- One row for each batch of appends. The head of the log is the greatest. The hash covers the batch's events and the hash before it:
-- docs/reference/hash-chain.md.
create table kiroku.commits (
  last_position bigint primary key,
  first_position bigint not null,
  recorded_at timestamptz not null,
  hash bytea not null,
  check (first_position between 1 and last_position)
);

-- data and metadata are json, not jsonb: the stored bytes are the writer's. Versions are unique by the append lock; each partition has an
-- index of its own that would refuse a second one.
create table kiroku.events (
  position bigint not null,
  recorded_at timestamptz not null,
  version integer not null,
  schema_version integer not null,
  id uuid not null,
  stream text collate "C" not null,
  type text collate "C" not null,
  tags text[] collate "C" not null,
  digest bytea not null,
  data json not null,
  metadata json not null,
  constraint events_position primary key (position)
) partition by range (position);

-- The tags of events, for consistency conditions and queries. Partitioned as events are.
create table kiroku.event_tags (
  tag text collate "C" not null,
  position bigint not null,
  constraint event_tags_tag_position primary key (tag, position)
) partition by range (position);

-- What positions the partition events_<number> and event_tags_<number> hold.
create table kiroku.event_partitions (
  number integer primary key,
  first_position bigint not null,
  last_position bigint not null unique,
  check (first_position between 1 and last_position)
);

-- One row for each partition that a stream has events in, with the first of them. The row with version 1 is the stream's beginning. The
-- version a stream is at is its last event's, found in its last partition.
create table kiroku.streams (
  stream text collate "C" not null,
  partition integer not null,
  first_version integer not null,
  first_position bigint not null,
  category text collate "C" not null,
  primary key (stream, partition)
);

-- What commands led to, so that a repeated one takes effect once.
create table kiroku.idempotency_keys (
  command_id uuid not null,
  recorded_at timestamptz not null,
  fingerprint text collate "C" not null,
  result json not null
) partition by range (recorded_at);

-- Where the events are whose ids the caller chose, so that repeated ones are stored once.
create table kiroku.event_ids (
  id uuid not null,
  recorded_at timestamptz not null,
  position bigint not null
) partition by range (recorded_at);

-- What times the partition idempotency_keys_<number> and event_ids_<number> hold: from the first until before the second.
create table kiroku.idempotency_partitions (
  number integer primary key,
  from_time timestamptz not null,
  until_time timestamptz not null unique,
  check (from_time < until_time)
);

grant select on all tables in schema kiroku to kiroku_service, kiroku_maintenance;

-- Creates the next partition of events and event_tags. It gets its indexes while nobody knows it; attaching it then waits for no append and
-- no reader, and they do not wait for it.
create function kiroku.create_event_partition(out created_number integer, out created_first bigint, out created_last bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $function$
declare
  events_name text;
  tags_name text;
begin
  perform pg_advisory_xact_lock(hashtextextended('kiroku.partitions', 0));
  select coalesce(max(p.number), 0) + 1, coalesce(max(p.last_position), 0) + 1 into created_number, created_first from kiroku.event_partitions p;
  select created_first + s.event_partition_size - 1 into created_last from kiroku.settings s;
  events_name := 'events_' || created_number;
  tags_name := 'event_tags_' || created_number;

  execute format('create table kiroku.%I (like kiroku.events)', events_name);
  execute format('alter table kiroku.%I add primary key (position), add unique (stream, version)', events_name);
  execute format('create index on kiroku.%I (type, position)', events_name);
  execute format('create index on kiroku.%I (id)', events_name);
  execute format('create table kiroku.%I (like kiroku.event_tags)', tags_name);
  execute format('alter table kiroku.%I add primary key (tag, position)', tags_name);
  execute format('grant select on kiroku.%I, kiroku.%I to kiroku_service, kiroku_maintenance', events_name, tags_name);
  execute format('alter table kiroku.events attach partition kiroku.%I for values from (%s) to (%s)', events_name, created_first, created_last + 1);
  execute format('alter table kiroku.event_tags attach partition kiroku.%I for values from (%s) to (%s)', tags_name, created_first, created_last + 1);
  insert into kiroku.event_partitions (number, first_position, last_position) values (created_number, created_first, created_last);
end
$function$;

-- Creates the next partition of idempotency_keys and event_ids. Times are those of the log, whose clock never goes back.
create function kiroku.create_idempotency_partition(out created_number integer, out created_from timestamptz, out created_until timestamptz)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
set timezone = 'UTC'
as $function$
declare
  keys_name text;
  ids_name text;
begin
  perform pg_advisory_xact_lock(hashtextextended('kiroku.partitions', 0));
  select coalesce(max(p.number), 0) + 1, greatest(max(p.until_time), date_trunc('day', clock_timestamp()), (
      select date_trunc('day', c.recorded_at) from kiroku.commits c order by c.last_position desc limit 1
    ))
    into created_number, created_from
    from kiroku.idempotency_partitions p;
  select created_from + make_interval(days => s.idempotency_partition_days) into created_until from kiroku.settings s;
  keys_name := 'idempotency_keys_' || created_number;
  ids_name := 'event_ids_' || created_number;

  execute format('create table kiroku.%I (like kiroku.idempotency_keys)', keys_name);
  execute format('alter table kiroku.%I add unique (command_id)', keys_name);
  execute format('create table kiroku.%I (like kiroku.event_ids)', ids_name);
  execute format('alter table kiroku.%I add unique (id)', ids_name);
  execute format('grant select on kiroku.%I, kiroku.%I to kiroku_service, kiroku_maintenance', keys_name, ids_name);
  execute format('alter table kiroku.idempotency_keys attach partition kiroku.%I for values from (%L) to (%L)', keys_name, created_from, created_until);
  execute format('alter table kiroku.event_ids attach partition kiroku.%I for values from (%L) to (%L)', ids_name, created_from, created_until);
  insert into kiroku.idempotency_partitions (number, from_time, until_time) values (created_number, created_from, created_until);
end
$function$;

-- Drops the oldest partition of idempotency_keys and event_ids if all that is in it may be forgotten; null if there is none such. It needs
-- the tables for itself: if somebody holds them it gives up soon, because appends wait behind it.
create function kiroku.drop_idempotency_partition(out dropped_number integer)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('kiroku.partitions', 0));
  select p.number into dropped_number
    from kiroku.idempotency_partitions p
    cross join kiroku.settings s
    where p.until_time <= clock_timestamp() - make_interval(days => s.idempotency_days)
    order by p.until_time
    limit 1;
  if dropped_number is not null then
    execute format('drop table kiroku.%I, kiroku.%I', 'event_ids_' || dropped_number, 'idempotency_keys_' || dropped_number);
    delete from kiroku.idempotency_partitions p where p.number = dropped_number;
  end if;
end
$function$;

revoke execute on function kiroku.create_event_partition, kiroku.create_idempotency_partition, kiroku.drop_idempotency_partition from public;
grant execute on function kiroku.create_event_partition, kiroku.create_idempotency_partition, kiroku.drop_idempotency_partition to kiroku_maintenance;

-- A new log can append at once: the partition to be filled, and those ahead.
do $block$
declare
  ahead record;
begin
  select s.event_partitions_ahead as events, s.idempotency_partitions_ahead as idempotency into ahead from kiroku.settings s;
  for number in 0 .. ahead.events loop
    perform kiroku.create_event_partition();
  end loop;
  for number in 0 .. ahead.idempotency loop
    perform kiroku.create_idempotency_partition();
  end loop;
end
$block$;
