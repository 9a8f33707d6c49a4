-- An append may follow another of the same batch: if that is refused, so is this one, though the stream may be at the version it expects by the
-- event of somebody else. Said by an overlap whose overlap_after is negative: that event must be accepted. The rest is as in 0002.
create or replace function kiroku.append_batch(
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
  event_digests bytea,
  own_id_appends integer[],
  own_id_events integer[],
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
set enable_sort = off
as $function$
declare
  append_count constant integer := cardinality(slot_counts);
  slot_count constant integer := cardinality(slot_streams);
  overlap_count constant integer := cardinality(overlap_appends);
  -- of an accepted append: what its events' ordinals have to be moved by to get their positions and versions
  position_shifts bigint[] := array_fill(null::bigint, array[slot_count]);
  version_shifts integer[] := array_fill(null::integer, array[slot_count]);
  stream_versions integer[] := array_fill(0, array[cardinality(streams)]);
  stream_partitions integer[]; -- the last that the stream has events in, 0 if it has none
  -- per stream that enters a partition: its ordinal, the partition, and the first event there
  entry_count integer := 0;
  entry_streams integer[] := '{}';
  entry_partitions integer[] := '{}';
  entry_versions integer[] := '{}';
  entry_positions bigint[] := '{}';
  first_slots integer[] := array_fill(0, array[append_count]);
  head_before bigint;
  head bigint;
  batch_time timestamptz;
  previous_hash bytea;
  chained bytea;
  -- the partition that is being filled, and where all partitions end
  filling integer;
  filling_end bigint;
  entering bigint;
  log_end bigint;
  has_own_ids constant boolean := cardinality(own_id_events) > 0;
  has_command_ids constant boolean := array_remove(command_ids, null) <> '{}';
  has_keys boolean;
  outcome integer;
  first_slot integer := 1;
  last_slot integer;
  stream_ordinal integer;
  expected integer;
  first_event integer := 1;
  next_event integer;
  overlap integer := 1;
  overlap_position bigint;
  found_append integer;
  found_version integer;
  asked_partitions integer[];
  asked_partition integer;
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

  select c.last_position, c.recorded_at, c.hash into head_before, batch_time, previous_hash
    from kiroku.commits c
    order by c.last_position desc
    limit 1;
  head_before := coalesce(head_before, 0);
  head := head_before;
  batch_time := greatest(clock_timestamp(), batch_time);

  select p.number, p.last_position into filling, filling_end
    from kiroku.event_partitions p
    where p.last_position > head
    order by p.last_position
    limit 1;

  -- The last partition of each stream, then its last event there. A plan over all partitions looks into no others, but starts them all:
  -- 2.5 us each. A plan for one partition takes 100 us to make. So they are asked by name when there are many and the streams are in few.
  select array_agg(coalesce(
      (select r.partition from kiroku.streams r where r.stream = s.stream order by r.partition desc limit 1), 0
    ) order by s.ordinal)
    into stream_partitions
    from unnest(streams) with ordinality s (stream, ordinal);
  if array_remove(stream_partitions, 0) <> '{}' then
    asked_partitions := array(select distinct s.partition from unnest(stream_partitions) s (partition) where s.partition > 0);
    if filling is null or filling < 40 or cardinality(asked_partitions) > 3 then
      for stream_ordinal, found_version in
        select s.ordinal, (
            select e.version
            from kiroku.events e
            where e.stream = s.stream and e.position between p.first_position and p.last_position
            order by e.version desc
            limit 1
          )
        from unnest(streams, stream_partitions) with ordinality s (stream, partition, ordinal)
        join kiroku.event_partitions p on p.number = s.partition
      loop
        stream_versions[stream_ordinal] := found_version;
      end loop;
    else
      foreach asked_partition in array asked_partitions loop
        for stream_ordinal, found_version in
          execute format(
            'select s.ordinal, (select e.version from kiroku.%I e where e.stream = s.stream order by e.version desc limit 1)
             from unnest($1, $2) with ordinality s (stream, partition, ordinal)
             where s.partition = $3', 'events_' || asked_partition
          )
          using streams, stream_partitions, asked_partition
        loop
          stream_versions[stream_ordinal] := found_version;
        end loop;
      end loop;
    end if;
  end if;

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
            and t.position <= head_before
            and (c.types is null and cardinality(c.tags) = 1 or exists (
              select from kiroku.events e
              where e.position = t.position and (c.types is null or e.type = any (c.types)) and e.tags @> c.tags
            ))
        )
        when c.types is not null then exists (
          select from unnest(c.types) w (type) join kiroku.events e on e.type = w.type
          where e.position > c.after and e.position <= head_before
        )
        else head_before > c.after
      end
    loop
      outcomes[found_append] := 2;
    end loop;
  end if;
  if has_own_ids or has_command_ids then
    has_keys := exists (select from kiroku.idempotency_partitions p where p.until_time > batch_time and p.from_time <= batch_time);
    for found_append in
      select o.append
      from unnest(own_id_appends, own_id_events) o (append, event)
      where exists (select from kiroku.event_ids i where i.id = event_ids[o.event] and i.recorded_at <= batch_time)
    loop
      outcomes[found_append] := 4;
    end loop;
    for found_append in
      select c.append
      from unnest(command_ids) with ordinality c (command_id, append)
      where exists (select from kiroku.idempotency_keys k where k.command_id = c.command_id and k.recorded_at <= batch_time)
    loop
      outcomes[found_append] := 3;
    end loop;
    if not has_keys then
      for found_append in
        select o.append from unnest(own_id_appends) o (append)
        union
        select c.append from unnest(command_ids) with ordinality c (command_id, append) where c.command_id is not null
      loop
        if outcomes[found_append] = 0 then
          outcomes[found_append] := 5;
        end if;
      end loop;
    end if;
  end if;

  -- What the appends of the batch do to each other: in memory, in order.
  for append in 1 .. append_count loop
    first_slots[append] := first_slot;
    last_slot := first_slot + slot_counts[append] - 1;
    next_event := first_event;
    outcome := outcomes[append];

    while overlap <= overlap_count and overlap_appends[overlap] = append loop
      overlap_position := overlap_events[overlap] + position_shifts[event_slots[overlap_events[overlap]]]; -- null if that event was not accepted
      if outcome = 0 and (overlap_after[overlap] < 0 and overlap_position is null
          or overlap_after[overlap] >= 0 and overlap_position > overlap_after[overlap]) then
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

    if outcome = 0 and next_event > first_event and head + next_event - first_event > coalesce(filling_end, 0) then
      if log_end is null then
        select coalesce(max(p.last_position), 0) into log_end from kiroku.event_partitions p;
      end if;
      if head + next_event - first_event > log_end then
        outcome := 5;
      end if;
    end if;

    if outcome = 0 and next_event > first_event then
      if head + next_event - first_event > 9007199254740991 then
        raise exception 'the log is full' using errcode = 'KR003';
      end if;
      next_event := first_event;
      for slot in first_slot .. last_slot loop
        if slot_events[slot] > 0 then
          stream_ordinal := slot_streams[slot];
          if versions[slot] > 2147483647 - slot_events[slot] then
            raise exception 'the stream % is full', streams[stream_ordinal] using errcode = 'KR003';
          end if;
          entering := head + 1;
          loop
            if entering > filling_end then
              select p.number, p.last_position into filling, filling_end
                from kiroku.event_partitions p
                where p.last_position >= entering
                order by p.last_position
                limit 1;
            end if;
            if stream_partitions[stream_ordinal] < filling then
              entry_count := entry_count + 1;
              entry_streams[entry_count] := stream_ordinal;
              entry_partitions[entry_count] := filling;
              entry_versions[entry_count] := versions[slot] + entering - head;
              entry_positions[entry_count] := entering;
              stream_partitions[stream_ordinal] := filling;
            end if;
            exit when head + slot_events[slot] <= filling_end;
            entering := filling_end + 1;
          end loop;
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
    insert into kiroku.events (position, recorded_at, version, schema_version, id, stream, type, tags, digest, data, metadata)
    select n.ordinal + position_shifts[n.slot], batch_time, n.ordinal + version_shifts[n.slot], n.schema_version, n.id,
      streams[slot_streams[n.slot]], n.type, n.tags::text[], substring(event_digests from (n.ordinal * 32 - 31)::integer for 32), n.data,
      n.metadata
    from unnest(event_slots, event_ids, event_types, event_schema_versions, event_data, event_metadata, event_tags)
      with ordinality n (slot, id, type, schema_version, data, metadata, tags, ordinal)
    where position_shifts[n.slot] is not null;

    select string_agg(
        int8send(n.ordinal + position_shifts[n.slot]) || int4send((n.ordinal + version_shifts[n.slot])::integer)
        || substring(event_digests from (n.ordinal * 32 - 31)::integer for 32), ''::bytea order by n.ordinal
      )
      into chained
      from unnest(event_slots) with ordinality n (slot, ordinal)
      where position_shifts[n.slot] is not null;
    if previous_hash is null then
      select sha256('\x0000000d'::bytea || 'kiroku.log.v1'::bytea || uuid_send(l.id)) into previous_hash from kiroku.log l where l.only_row;
    end if;
    insert into kiroku.commits (first_position, last_position, recorded_at, hash)
    values (
      head_before + 1, head, batch_time,
      sha256(
        '\x00000010'::bytea || 'kiroku.commit.v1'::bytea || previous_hash || int8send((extract(epoch from batch_time) * 1000000)::bigint)
        || int4send((head - head_before)::integer) || chained
      )
    );

    insert into kiroku.streams (stream, partition, first_version, first_position, category)
    select streams[n.stream], n.partition, n.version, n.position, split_part(streams[n.stream], '-', 1)
    from unnest(entry_streams, entry_partitions, entry_versions, entry_positions) n (stream, partition, version, position);

    if array_remove(event_tags, '{}') <> '{}' then
      insert into kiroku.event_tags (tag, position)
      select t.tag, n.ordinal + position_shifts[n.slot]
      from unnest(event_slots, event_tags) with ordinality n (slot, tags, ordinal)
      cross join lateral unnest(n.tags::text[]) t (tag)
      where n.tags <> '{}' and position_shifts[n.slot] is not null;
    end if;

    if has_own_ids then
      insert into kiroku.event_ids (id, recorded_at, position)
      select event_ids[o.event], batch_time, o.event + position_shifts[event_slots[o.event]]
      from unnest(own_id_events) o (event)
      where position_shifts[event_slots[o.event]] is not null;
    end if;

    perform pg_notify('kiroku_log', head::text);
  end if;

  if has_command_ids then
    insert into kiroku.idempotency_keys (command_id, fingerprint, result, recorded_at)
    select c.command_id, c.fingerprint,
      json_build_object('position', positions[c.append], 'streams', (
        select coalesce(json_agg(json_build_object('stream', streams[slot_streams[s.slot]], 'version', versions[s.slot]) order by s.slot), '[]')
        from generate_series(first_slots[c.append], first_slots[c.append] + slot_counts[c.append] - 1) s (slot)
      )),
      batch_time
    from unnest(command_ids, fingerprints) with ordinality c (command_id, fingerprint, append)
    where c.command_id is not null and outcomes[c.append] = 0;
  end if;
end
$function$;
