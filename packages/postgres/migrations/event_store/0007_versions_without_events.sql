-- The version a stream is at was looked up in the index (stream, version) and then in the event itself, for its position: one page of the table
-- for each stream appended to, from disk if the stream was not touched for long, with the append lock held (0.5 of 0.66 pages an append in a log
-- of 20 million events). With the position in the index the event is not looked at.
create or replace function kiroku.create_event_partition(out created_number integer, out created_first bigint, out created_last bigint)
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
  execute format('alter table kiroku.%I add primary key (position), add unique (stream, version) include (position)', events_name);
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

-- The partitions there are get the new index if that takes a moment (a million events: some five seconds). Larger ones keep the old one, which
-- serves the same queries; docs/runbooks/db.md says how to replace it while appends go on.
do $block$
declare
  number integer;
  old_index name;
begin
  for number, old_index in
    select p.number, c.conname
    from kiroku.event_partitions p
    join pg_constraint c on c.conrelid = format('kiroku.%I', 'events_' || p.number)::regclass and c.contype = 'u'
    where pg_relation_size(c.conrelid) < 512 * 1024 * 1024::bigint
  loop
    execute format('alter table kiroku.%I drop constraint %I, add unique (stream, version) include (position)', 'events_' || number, old_index);
  end loop;
end
$block$;
