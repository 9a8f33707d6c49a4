-- Events outside the log: before its beginning, or after its head as of the same snapshot. Served by the primary keys of events and commits.
select e.position, e.stream
from (select coalesce((select last_position from kiroku.commits order by last_position desc limit 1), 0) as position) head
cross join lateral (
  (select position, stream from kiroku.events where position > head.position order by position limit $1)
  union all
  (select position, stream from kiroku.events where position < 1 order by position limit $1)
) e
order by e.position
