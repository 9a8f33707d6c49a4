-- Reads a stream from a version on, in the partitions that hold it from that version on. Served by the primary keys of streams and
-- event_partitions, and the index (stream, version) of those partitions.
select e.*
from (
  select p.number, p.first_position, p.last_position
  from kiroku.streams s
  join kiroku.event_partitions p on p.number = s.partition
  where s.stream = $1
    and s.partition >= coalesce((
      select partition from kiroku.streams where stream = $1 and first_version <= $2 order by partition desc limit 1
    ), 0)
) p
cross join lateral (
  select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
  from kiroku.events
  where stream = $1 and version >= $2 and position between p.first_position and p.last_position
  order by version
  limit $3
) e
order by p.number, e.version
limit $3
