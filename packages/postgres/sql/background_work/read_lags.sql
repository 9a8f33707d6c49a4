-- How far the positions $1 are behind the log: in events, and the age of the first event after each, by the clock that stamped it. Served by the
-- primary keys of commits and events.
select
  given.position,
  greatest(head.position - given.position, 0) as events,
  greatest(coalesce(extract(epoch from clock_timestamp() - next.recorded_at), 0), 0)::double precision as seconds
from unnest($1::bigint[]) as given (position)
cross join (select coalesce((select last_position from kiroku.commits order by last_position desc limit 1), 0) as position) as head
left join lateral (select event.recorded_at from kiroku.events as event where event.position = given.position + 1) as next on true
