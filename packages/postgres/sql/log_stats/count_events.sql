-- Counts all events up to a position, by type and category. Reads all of them.
select type, split_part(stream, '-', 1) as category, count(*) as events, count(*) filter (where version = 1) as streams
from kiroku.events
where position <= $1
group by type, category
