-- Reads a stream from a version back, in the partitions that hold it up to that version. Served by the primary keys of streams and
-- event_partitions, and the index (stream, version) of those partitions.
select e.*
from (
  select p.number, p.first_position, p.last_position
  from kiroku.streams s
  join kiroku.event_partitions p on p.number = s.partition
  where s.stream = $1 and s.first_version <= $2
) p
cross join lateral (
  select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
  from kiroku.events
  where stream = $1 and version <= $2 and position between p.first_position and p.last_position
  order by version desc
  limit $3
) e
order by p.number desc, e.version desc
limit $3
