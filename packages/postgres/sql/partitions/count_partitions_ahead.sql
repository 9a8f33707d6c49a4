-- How many whole partitions of events are left after the one that is being filled. Served by the unique index on last_position.
select count(*) filter (where p.first_position > head.position + 1)::integer as ahead
from (select coalesce((select last_position from kiroku.commits order by last_position desc limit 1), 0) as position) head
join kiroku.event_partitions p on p.last_position > head.position
