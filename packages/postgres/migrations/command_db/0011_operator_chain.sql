-- Chains what operators did: an entry for each beginning and each end, made by triggers, so that whatever writes an action is chained. What stands
-- there already is chained now, and covered from here on.

create table kiroku.operator_chain (
  sequence bigint primary key,
  action uuid not null,
  part text not null check (part in ('begin', 'end')),
  previous_hash bytea not null,
  hash bytea not null,
  unique (action, part)
);

create function kiroku.chain_operator_entry(action uuid, part text, fields text[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, kiroku, pg_temp
as $function$
declare
  last_sequence bigint;
  last_hash bytea;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'what operators do must be recorded at isolation level read committed, to see the entry before' using errcode = 'KR004';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('kiroku.operator_chain', 0));
  select c.sequence, c.hash into last_sequence, last_hash from kiroku.operator_chain c order by c.sequence desc limit 1;
  last_sequence := coalesce(last_sequence, 0) + 1;
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  insert into kiroku.operator_chain (sequence, action, part, previous_hash, hash)
  values (last_sequence, action, part, last_hash, kiroku.audit_hash('kiroku.audit.operator.v1', last_hash, last_sequence, fields));
end
$function$;

create function kiroku.action_fields(kiroku.operator_actions)
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
return array[
  'begin', $1.id::text, kiroku.audit_time($1.at), $1.operator, $1.source, $1.verb, $1.arguments::text, $1.reason, $1.before::text,
  $1.correlation_id::text
];

create function kiroku.outcome_fields(kiroku.operator_outcomes)
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
return array['end', $1.action::text, kiroku.audit_time($1.at), $1.succeeded::text, $1.after::text, $1.error];

create function kiroku.chain_action()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, kiroku, pg_temp
as $function$
begin
  perform kiroku.chain_operator_entry(new.id, 'begin', kiroku.action_fields(new));
  return null;
end
$function$;

create function kiroku.chain_outcome()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, kiroku, pg_temp
as $function$
begin
  perform kiroku.chain_operator_entry(new.action, 'end', kiroku.outcome_fields(new));
  return null;
end
$function$;

do $$
declare
  entry record;
begin
  for entry in
    select a.id, 'begin' as part, a.at, kiroku.action_fields(a) as fields from kiroku.operator_actions a
    union all
    select o.action, 'end', o.at, kiroku.outcome_fields(o) from kiroku.operator_outcomes o
    order by at, id, part
  loop
    perform kiroku.chain_operator_entry(entry.id, entry.part, entry.fields);
  end loop;
end
$$;

-- After the statement: the rows it locks are locked by then, so that whoever holds the chain waits for nobody.
create trigger chained after insert on kiroku.operator_actions for each row execute function kiroku.chain_action();
create trigger chained after insert on kiroku.operator_outcomes for each row execute function kiroku.chain_outcome();

revoke execute on function
  kiroku.chain_operator_entry, kiroku.action_fields, kiroku.outcome_fields, kiroku.chain_action, kiroku.chain_outcome
from public;
grant select on kiroku.operator_chain to kiroku_service, kiroku_maintenance;
