-- Appends one event to one stream, as most appends do when few write: what append_batch does with such a batch, at half its cost. The lists that
-- serve a thousand appends were in the way of one: 43 variables to set up, sixty small expressions, which PostgreSQL prepares anew in each
-- transaction, and ten statements over lists. Whatever is not plainly accepted here is judged by append_batch, so that the rules stand there.
--
-- expected_version as slot_expected there: -1 any, -2 exists, 0 not there, n exactly. command_id and fingerprint: null without idempotency.
-- outcome as there; position: of the event, or of the head, as of then; version: of the stream, as of then.
create function kiroku.append_one(
  command_id uuid,
  fingerprint text,
  to_stream text,
  expected_version integer,
  event_id uuid,
  event_type text,
  event_schema_version integer,
  event_data json,
  event_metadata json,
  event_tags text[],
  event_digest bytea,
  out outcome integer,
  out "position" bigint,
  out version integer
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, kiroku, pg_temp
-- as append_batch
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
as $function$
declare
  head bigint;
  batch_time timestamptz;
  previous_hash bytea;
  filling integer; -- the partition that is being filled
  last_partition integer; -- the last that the stream has events in, 0 if it has none
  is_plain boolean;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'append_one must run at isolation level read committed, to see what the append before it committed'
      using errcode = 'KR004';
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true); -- what is answered must survive a crash
  end if;

  -- A statement of its own, so that those after it see what the holder before committed.
  perform pg_advisory_xact_lock(hashtextextended('kiroku.append', 0));

  select c.last_position, greatest(clock_timestamp(), c.recorded_at), c.hash,
    (select p.number from kiroku.event_partitions p where p.last_position > c.last_position order by p.last_position limit 1),
    coalesce((select s.partition from kiroku.streams s where s.stream = to_stream order by s.partition desc limit 1), 0)
    into head, batch_time, previous_hash, filling, last_partition
    from kiroku.commits c
    order by c.last_position desc
    limit 1;

  version := 0;
  if last_partition > 0 and filling < 40 then -- from 40 on append_batch asks a partition by its name
    select (
        select e.version
        from kiroku.events e
        where e.stream = to_stream and e.position between p.first_position and p.last_position
        order by e.version desc
        limit 1
      )
      into version
      from kiroku.event_partitions p
      where p.number = last_partition;
  end if;

  is_plain := (expected_version = version or expected_version = -1 or expected_version = -2 and version > 0)
    and filling is not null and (last_partition = 0 or filling < 40) and version < 2147483647 and head < 9007199254740991;
  if is_plain and command_id is not null then
    is_plain := exists (select from kiroku.idempotency_partitions p where p.until_time > batch_time and p.from_time <= batch_time)
      and not exists (select from kiroku.idempotency_keys k where k.command_id = append_one.command_id and k.recorded_at <= batch_time);
  end if;
  if is_plain is not true then -- null: nothing was appended yet
    select b.outcomes[1], b.positions[1], b.versions[1] into outcome, "position", version
      from kiroku.append_batch(
        array[command_id], array[fingerprint], '{1}', array[to_stream], '{1}', array[expected_version], '{1}', '{1}', array[event_id],
        array[event_type], array[event_schema_version], array[event_data], array[event_metadata], array[event_tags::text], event_digest,
        '{}', '{}', null, '{}', '{}', '{}'
      ) b;
    return;
  end if;

  outcome := 0;
  "position" := head + 1;
  version := version + 1;

  insert into kiroku.events (position, recorded_at, version, schema_version, id, stream, type, tags, digest, data, metadata)
  values (
    append_one.position, batch_time, append_one.version, event_schema_version, event_id, to_stream, event_type, event_tags, event_digest,
    event_data, event_metadata
  );

  insert into kiroku.commits (first_position, last_position, recorded_at, hash)
  values (
    append_one.position, append_one.position, batch_time,
    sha256(
      '\x00000010'::bytea || 'kiroku.commit.v1'::bytea || previous_hash || int8send((extract(epoch from batch_time) * 1000000)::bigint)
      || int4send(1) || int8send(append_one.position) || int4send(append_one.version) || event_digest
    )
  );

  if last_partition < filling then
    insert into kiroku.streams (stream, partition, first_version, first_position, category)
    values (to_stream, filling, append_one.version, append_one.position, split_part(to_stream, '-', 1));
  end if;

  if event_tags <> '{}' then
    insert into kiroku.event_tags (tag, position) select t.tag, append_one.position from unnest(event_tags) t (tag);
  end if;

  perform pg_notify('kiroku_log', append_one.position::text);

  if command_id is not null then
    insert into kiroku.idempotency_keys (command_id, fingerprint, result, recorded_at)
    values (
      append_one.command_id, append_one.fingerprint,
      json_build_object('position', append_one.position, 'streams', json_build_array(json_build_object('stream', to_stream, 'version', append_one.version))),
      batch_time
    );
  end if;
end
$function$;

revoke execute on function kiroku.append_one from public;
grant execute on function kiroku.append_one to kiroku_service;
