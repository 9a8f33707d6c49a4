-- The last $3 positions, up to $2, of events of the types $1, first to last. Served by the index on type and position of each partition of events,
-- from its end.
select latest.position
from (
  select found.position
  from unnest($1::text[]) as wanted (type)
  cross join lateral (
    select event.position
    from kiroku.events as event
    where event.type = wanted.type and event.position <= $2
    order by event.position desc
    limit $3
  ) as found
  order by found.position desc
  limit $3
) as latest
order by latest.position
