-- The versions streams had before positions, in the order of the questions. Served by the index on stream and version.
select coalesce((
    select e.version
    from kiroku.events e
    where e.stream = q.stream and e.position < q.position
    order by e.version desc
    limit 1
  ), 0) as version
from unnest($1::text[], $2::bigint[]) with ordinality q (stream, position, ordinal)
order by q.ordinal
