-- The partitions of events that still take some, in order. Served by the unique index on last_position.
select number, first_position, last_position
from kiroku.event_partitions
where last_position > $1
order by last_position
