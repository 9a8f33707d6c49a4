-- Commands that left no event: rejected, invalid, failed, without effect, or seen before. (Those that left some stand in the log.) Entries are only
-- added, by one function, which chains them: docs/reference/hash-chain.md has the layout.

create table kiroku.command_audit (
  sequence bigint primary key,
  id uuid not null unique,
  -- by this database's clock, never before its predecessor's
  recorded_at timestamptz not null,
  -- by the clock of the service
  received_at timestamptz not null,
  duration_us bigint not null,
  outcome text not null,
  code text,
  command_id text,
  type text,
  stream text,
  actor text,
  role text,
  source_address text,
  correlation_id text,
  instance text,
  -- of an entry with the outcome `lost`: how many others it stands for
  lost bigint,
  previous_hash bytea not null,
  hash bytea not null
);

create index command_audit_recorded_at_idx on kiroku.command_audit (recorded_at, sequence);

-- The hash of an entry: SHA-256 of its purpose, the hash before it, its sequence and its fields, each with its length (-1: null).
create function kiroku.audit_hash(purpose text, previous_hash bytea, sequence bigint, fields text[])
returns bytea
language sql
immutable
set search_path = pg_catalog, pg_temp
return sha256(
  int4send(octet_length(purpose)) || convert_to(purpose, 'UTF8') || previous_hash || int8send(sequence) || int4send(cardinality(fields))
  || (
    select string_agg(coalesce(int4send(octet_length(f.field)) || convert_to(f.field, 'UTF8'), int4send(-1)), ''::bytea order by f.place)
    from unnest(fields) with ordinality f (field, place)
  )
);

-- A time as it is hashed: microseconds since 1970.
create function kiroku.audit_time(at timestamptz)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return (extract(epoch from at) * 1000000)::bigint::text;

-- Adds entries, in their order; one whose id is there already is passed over, so that what was sent twice is there once.
create function kiroku.audit_commands(entries json)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, kiroku, pg_temp
as $function$
declare
  entry record;
  last_sequence bigint;
  last_hash bytea;
  batch_time timestamptz;
  entry_hash bytea;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'audit_commands must run at isolation level read committed, to see the entry before' using errcode = 'KR004';
  end if;
  -- one at a time, until the commit; the statements after it see what the holder before committed
  perform pg_advisory_xact_lock(hashtextextended('kiroku.command_audit', 0));
  select a.sequence, a.hash, a.recorded_at into last_sequence, last_hash, batch_time
    from kiroku.command_audit a
    order by a.sequence desc
    limit 1;
  last_sequence := coalesce(last_sequence, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  batch_time := greatest(clock_timestamp(), batch_time);
  for entry in
    select *
    from json_to_recordset(entries) e (
      id uuid, received_at timestamptz, duration_us bigint, outcome text, code text, command_id text, type text, stream text, actor text,
      role text, source_address text, correlation_id text, instance text, lost bigint
    )
  loop
    continue when exists (select from kiroku.command_audit a where a.id = entry.id);
    last_sequence := last_sequence + 1;
    entry_hash := kiroku.audit_hash('kiroku.audit.command.v1', last_hash, last_sequence, array[
      entry.id::text, kiroku.audit_time(batch_time), kiroku.audit_time(entry.received_at), entry.duration_us::text, entry.outcome, entry.code,
      entry.command_id, entry.type, entry.stream, entry.actor, entry.role, entry.source_address, entry.correlation_id, entry.instance,
      entry.lost::text
    ]);
    insert into kiroku.command_audit (
      sequence, id, recorded_at, received_at, duration_us, outcome, code, command_id, type, stream, actor, role, source_address, correlation_id,
      instance, lost, previous_hash, hash
    )
    values (
      last_sequence, entry.id, batch_time, entry.received_at, entry.duration_us, entry.outcome, entry.code, entry.command_id, entry.type,
      entry.stream, entry.actor, entry.role, entry.source_address, entry.correlation_id, entry.instance, entry.lost, last_hash, entry_hash
    );
    last_hash := entry_hash;
  end loop;
end
$function$;

revoke execute on function kiroku.audit_commands, kiroku.audit_hash, kiroku.audit_time from public;
grant execute on function kiroku.audit_commands to kiroku_service;
grant select on kiroku.command_audit to kiroku_service, kiroku_maintenance;
