-- How long commands that left no event are kept. What is older is removed from the beginning of the chain by the maintenance role, through a function
-- that leaves where the chain begins then; nobody but the owner can shorten the time.

create table kiroku.command_audit_settings (
  only_row boolean primary key default true check (only_row),
  keep_days integer not null default 400 check (keep_days >= 30)
);
insert into kiroku.command_audit_settings default values;

-- The last entry that was removed, each time.
create table kiroku.command_audit_starts (
  sequence bigint primary key,
  hash bytea not null,
  pruned_at timestamptz not null default clock_timestamp()
);

create function kiroku.prune_command_audit()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, kiroku, pg_temp
as $function$
declare
  last_sequence bigint;
  last_hash bytea;
begin
  perform pg_advisory_xact_lock(hashtextextended('kiroku.command_audit_starts', 0));
  -- the latest entry stays: the next one follows it
  select a.sequence, a.hash into last_sequence, last_hash
    from kiroku.command_audit a
    where a.recorded_at < clock_timestamp() - make_interval(days => (select s.keep_days from kiroku.command_audit_settings s))
      and a.sequence < (select max(b.sequence) from kiroku.command_audit b)
    order by a.recorded_at desc, a.sequence desc
    limit 1;
  if last_sequence is null then
    return;
  end if;
  delete from kiroku.command_audit a where a.sequence <= last_sequence;
  insert into kiroku.command_audit_starts (sequence, hash) values (last_sequence, last_hash);
end
$function$;

revoke execute on function kiroku.prune_command_audit from public;
grant execute on function kiroku.prune_command_audit to kiroku_maintenance;
grant select on kiroku.command_audit_settings, kiroku.command_audit_starts to kiroku_service, kiroku_maintenance;
