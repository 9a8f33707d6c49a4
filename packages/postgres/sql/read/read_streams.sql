-- Reads several streams ($1), each from a version ($2) on, in the partitions that hold it from that version on; each event with the number of
-- its stream in the list. Served by the primary keys of streams and event_partitions, and the index (stream, version) of those partitions. The
-- offsets keep the planner, which cannot know how many streams there are, from reading whole tables.
select wanted.ordinal, e.*
from unnest($1::text[], $2::integer[]) with ordinality as wanted (stream, from_version, ordinal)
cross join lateral (
  select e.*
  from (
    select p.number, p.first_position, p.last_position
    from kiroku.streams s
    join kiroku.event_partitions p on p.number = s.partition
    where s.stream = wanted.stream
      and s.partition >= coalesce((
        select partition
        from kiroku.streams
        where stream = wanted.stream and first_version <= wanted.from_version
        order by partition desc
        limit 1
      ), 0)
    offset 0
  ) p
  cross join lateral (
    select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
    from kiroku.events
    where stream = wanted.stream and version >= wanted.from_version and position between p.first_position and p.last_position
    order by version
    offset 0
  ) e
  order by p.number, e.version
  offset 0
) e
