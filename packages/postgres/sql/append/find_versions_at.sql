-- Finds the versions streams had at a position, in the order of the names. Served by the primary keys of streams and event_partitions, and
-- the index (stream, version) of the one partition that holds the event.
select s.stream, coalesce(e.version, 0) as version
from unnest($1::text[]) with ordinality s (stream, ordinal)
left join lateral (
  select p.first_position, p.last_position
  from kiroku.streams r
  join kiroku.event_partitions p on p.number = r.partition
  where r.stream = s.stream and r.first_position <= $2
  order by r.partition desc
  limit 1
) l on true
left join lateral (
  select version
  from kiroku.events
  where stream = s.stream and position between l.first_position and l.last_position and position <= $2
  order by version desc
  limit 1
) e on true
order by s.ordinal
