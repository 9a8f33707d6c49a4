-- How many events there are up to position $2 in streams of the categories $1, counted to one more than $4, and the positions of the last $3 of them,
-- if given of the types $5, first to last, unless there are more than $4. Served by the index on stream, version and position of each partition of
-- events, which has it all but the types: these by its primary key, from the last event on until there are enough.
with found as materialized (
  select event.position
  from unnest($1::text[]) as wanted (category)
  cross join lateral (
    select stored.position
    from kiroku.events as stored
    where stored.stream >= wanted.category || '-' and stored.stream < wanted.category || '.' and stored.position <= $2
    limit $4::integer + 1
  ) as event
  limit $4::integer + 1
),
counted as (
  select count(*)::integer as events from found
)
select
  counted.events,
  array(
    select latest.position
    from (
      select before.position
      from (select position from found where counted.events <= $4 order by position desc offset 0) as before
      where $5::text[] is null
        or (select event.type from kiroku.events as event where event.position = before.position) = any ($5)
      limit $3
    ) as latest
    order by latest.position
  ) as positions
from counted
