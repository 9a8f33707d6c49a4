-- Appends a batch: judges its appends in order, each as if alone, and stores the accepted ones. The only way into the log.
--
-- The batch comes as columns; an ordinal counts from 1 within the batch. A slot is one stream named by one append.
--   command_ids, fingerprints      per append; null without idempotency
--   slot_counts                    per append: how many slots it has
--   streams                        the distinct streams
--   slot_streams, slot_expected    per slot: ordinal of its stream; expected version (-1 any, -2 exists, 0 not there, n exactly)
--   slot_events                    per slot: how many events it has
--   event_slots, event_ids, ...    per event, in the order of the slots; event_tags are array literals
--   own_id_appends, own_ids        ids of events that callers chose, so that they may be repetitions
--   conditions                     per query item: [{append, after, types, tags}]; absent types or tags match any
--   overlap_appends, overlap_events, overlap_after
--                                  in order of appends: a condition of this append also matches that event of an earlier append in the batch
--
-- outcomes, per append: 0 accepted, 1 a stream is not at its expected version, 2 a condition does not hold, 3 the command id was seen before,
-- 4 an event id was seen before. positions, per append: of the last event, or of the head, as of then. versions, per slot: of its stream, as of
-- then. reasons, per append with outcome 1: the slot.
create function kiroku.append_batch(
  command_ids uuid[],
  fingerprints text[],
  slot_counts integer[],
  streams text[],
  slot_streams integer[],
  slot_expected integer[],
  slot_events integer[],
  event_slots integer[],
  event_ids uuid[],
  event_types text[],
  event_schema_versions integer[],
  event_data json[],
  event_metadata json[],
  event_tags text[],
  own_id_appends integer[],
  own_ids uuid[],
  conditions json,
  overlap_appends integer[],
  overlap_events integer[],
  overlap_after bigint[],
  out outcomes integer[],
  out positions bigint[],
  out versions integer[],
  out reasons integer[]
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, kiroku, pg_temp
-- Plans are made once per connection, perhaps while the tables are empty, and must be right when they are not.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $function$
declare
  append_count constant integer := cardinality(slot_counts);
  slot_count constant integer := cardinality(slot_streams);
  overlap_count constant integer := cardinality(overlap_appends);
  -- of an accepted append: what its events' ordinals have to be moved by to get their positions and versions
  position_shifts bigint[] := array_fill(null::bigint, array[slot_count]);
  version_shifts integer[] := array_fill(null::integer, array[slot_count]);
  stream_versions integer[];
  stream_first_positions bigint[] := array_fill(null::bigint, array[cardinality(streams)]);
  first_slots integer[] := array_fill(0, array[append_count]);
  head_before bigint;
  head bigint;
  batch_time timestamptz;
  outcome integer;
  first_slot integer := 1;
  last_slot integer;
  stream_ordinal integer;
  expected integer;
  first_event integer := 1;
  next_event integer;
  overlap integer := 1;
  found_append integer;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'append_batch must run at isolation level read committed, to see what the append before it committed'
      using errcode = 'KR004';
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true); -- what is answered must survive a crash
  end if;

  -- One at a time, until the commit, so that positions follow the order of commits. Every statement after this one has a snapshot of its
  -- own, which sees what the holder before committed.
  perform pg_advisory_xact_lock(hashtextextended('kiroku.append', 0));

  select c.last_position, c.recorded_at into head_before, batch_time from kiroku.commits c order by c.last_position desc limit 1;
  head_before := coalesce(head_before, 0);
  head := head_before;
  batch_time := greatest(clock_timestamp(), batch_time);

  select array_agg(coalesce(
      (select e.version from kiroku.events e where e.stream = s.stream order by e.version desc limit 1), 0
    ) order by s.ordinal)
    into stream_versions
    from unnest(streams) with ordinality s (stream, ordinal);

  outcomes := array_fill(0, array[append_count]);
  positions := array_fill(0::bigint, array[append_count]);
  versions := array_fill(0, array[slot_count]);
  reasons := array_fill(0, array[append_count]);

  -- What stood in the log before the batch.
  if conditions is not null then
    for found_append in
      select c.append
      from json_to_recordset(conditions) c (append integer, after bigint, types text[], tags text[])
      where case
        when cardinality(c.tags) > 0 then exists (
          select from kiroku.event_tags t
          where t.tag = c.tags[1]
            and t.position > c.after
            and (c.types is null and cardinality(c.tags) = 1 or exists (
              select from kiroku.events e
              where e.position = t.position and (c.types is null or e.type = any (c.types)) and e.tags @> c.tags
            ))
        )
        when c.types is not null then exists (
          select from unnest(c.types) w (type) join kiroku.events e on e.type = w.type where e.position > c.after
        )
        else head_before > c.after
      end
    loop
      outcomes[found_append] := 2;
    end loop;
  end if;
  if cardinality(own_ids) > 0 then
    for found_append in
      select o.append from unnest(own_id_appends, own_ids) o (append, id) where exists (select from kiroku.events e where e.id = o.id)
    loop
      outcomes[found_append] := 4;
    end loop;
  end if;
  for found_append in
    select c.append
    from unnest(command_ids) with ordinality c (command_id, append)
    where exists (select from kiroku.idempotency_keys k where k.command_id = c.command_id)
  loop
    outcomes[found_append] := 3;
  end loop;

  -- What the appends of the batch do to each other: in memory, in order.
  for append in 1 .. append_count loop
    first_slots[append] := first_slot;
    last_slot := first_slot + slot_counts[append] - 1;
    next_event := first_event;
    outcome := outcomes[append];

    while overlap <= overlap_count and overlap_appends[overlap] = append loop
      -- the shift is null if that event was not accepted, and so is the comparison
      if outcome = 0 and overlap_events[overlap] + position_shifts[event_slots[overlap_events[overlap]]] > overlap_after[overlap] then
        outcome := 2;
      end if;
      overlap := overlap + 1;
    end loop;

    for slot in first_slot .. last_slot loop
      stream_ordinal := slot_streams[slot];
      expected := slot_expected[slot];
      versions[slot] := stream_versions[stream_ordinal];
      next_event := next_event + slot_events[slot];
      if outcome = 0 and expected <> -1 and expected <> versions[slot] and (expected <> -2 or versions[slot] = 0) then
        outcome := 1;
        reasons[append] := slot;
      end if;
    end loop;

    if outcome = 0 and next_event > first_event then
      if head + next_event - first_event > 9007199254740991 then
        raise exception 'the log is full' using errcode = 'KR003';
      end if;
      next_event := first_event;
      for slot in first_slot .. last_slot loop
        if slot_events[slot] > 0 then
          stream_ordinal := slot_streams[slot];
          if versions[slot] = 0 then
            stream_first_positions[stream_ordinal] := head + 1;
          end if;
          position_shifts[slot] := head + 1 - next_event;
          version_shifts[slot] := versions[slot] + 1 - next_event;
          versions[slot] := versions[slot] + slot_events[slot];
          stream_versions[stream_ordinal] := versions[slot];
          head := head + slot_events[slot];
          next_event := next_event + slot_events[slot];
        end if;
      end loop;
    end if;

    outcomes[append] := outcome;
    positions[append] := head;
    first_slot := last_slot + 1;
    first_event := next_event;
  end loop;

  if head > head_before then
    insert into kiroku.commits (first_position, last_position, recorded_at) values (head_before + 1, head, batch_time);

    insert into kiroku.events (position, recorded_at, version, schema_version, id, stream, type, tags, data, metadata)
    select n.ordinal + position_shifts[n.slot], batch_time, n.ordinal + version_shifts[n.slot], n.schema_version, n.id,
      streams[slot_streams[n.slot]], n.type, n.tags::text[], n.data, n.metadata
    from unnest(event_slots, event_ids, event_types, event_schema_versions, event_data, event_metadata, event_tags)
      with ordinality n (slot, id, type, schema_version, data, metadata, tags, ordinal)
    where position_shifts[n.slot] is not null;

    insert into kiroku.streams (stream, category, first_position)
    select s.stream, split_part(s.stream, '-', 1), stream_first_positions[s.ordinal]
    from unnest(streams) with ordinality s (stream, ordinal)
    where stream_first_positions[s.ordinal] is not null;

    insert into kiroku.event_tags (tag, position)
    select t.tag, n.ordinal + position_shifts[n.slot]
    from unnest(event_slots, event_tags) with ordinality n (slot, tags, ordinal)
    cross join lateral unnest(n.tags::text[]) t (tag)
    where n.tags <> '{}' and position_shifts[n.slot] is not null;

    perform pg_notify('kiroku_log', head::text);
  end if;

  insert into kiroku.idempotency_keys (command_id, fingerprint, result, recorded_at)
  select c.command_id, c.fingerprint,
    json_build_object('position', positions[c.append], 'streams', (
      select coalesce(json_agg(json_build_object('stream', streams[slot_streams[s.slot]], 'version', versions[s.slot]) order by s.slot), '[]')
      from generate_series(first_slots[c.append], first_slots[c.append] + slot_counts[c.append] - 1) s (slot)
    )),
    batch_time
  from unnest(command_ids, fingerprints) with ordinality c (command_id, fingerprint, append)
  where c.command_id is not null and outcomes[c.append] = 0;
end
$function$;

revoke execute on function kiroku.append_batch from public;
grant execute on function kiroku.append_batch to kiroku_service;
