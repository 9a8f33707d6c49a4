-- The last $4 positions, up to $3, of events of the types $1, first to last, and whether each stands in a stream of the categories $2. Served by the
-- index on type and position of each partition of events, from its end; the events are read for their streams.
select latest.position, latest.wanted
from (
  select found.position, found.wanted
  from unnest($1::text[]) as of (type)
  cross join lateral (
    select
      event.position,
      exists (select from unnest($2::text[]) as given (category) where starts_with(event.stream, given.category || '-')) as wanted
    from kiroku.events as event
    where event.type = of.type and event.position <= $3
    order by event.position desc
    limit $4
  ) as found
  order by found.position desc
  limit $4
) as latest
order by latest.position
