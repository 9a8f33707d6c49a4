-- Position of the first event of a type with a higher schema version, after a position. Served by the index on type and position of each
-- partition.
select position
from kiroku.events
where type = $1 and schema_version > $2 and position > $3
order by position
limit 1
