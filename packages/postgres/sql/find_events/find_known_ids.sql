-- Which of these ids events have. Served by the index on id of each partition of events.
select i.id
from unnest($1::uuid[]) i (id)
where exists (select from kiroku.events e where e.id = i.id)
