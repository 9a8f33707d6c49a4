-- Where the event with an id stands; the first, should an id have been used again after it was forgotten. Served by the index on id of each
-- partition of events.
select position
from (select position from kiroku.events where id = $1 offset 0) e
order by position
limit 1
