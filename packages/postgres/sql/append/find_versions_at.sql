-- Finds the versions streams had at a position, in the order of the names. Served by events_stream_version.
select s.stream, coalesce((
    select e.version
    from kiroku.events e
    where e.stream = s.stream and e.position <= $2
    order by e.version desc
    limit 1
  ), 0) as version
from unnest($1::text[]) with ordinality s (stream, ordinal)
order by s.ordinal
