-- Reads one page of the log: what passes the filter between two positions, and the head. Served by the primary keys of events and commits.
select head.position as head, e.*
from (select coalesce((select last_position from kiroku.commits order by last_position desc limit 1), 0) as position) head
left join lateral (
  select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
  from kiroku.events
  where position > $1
    and position <= $2
    and ($3::text[] is null or type = any ($3))
    and ($4::text[] is null or split_part(stream, '-', 1) = any ($4))
    and ($5::text[] is null or tags @> $5)
  order by position
) e on true
