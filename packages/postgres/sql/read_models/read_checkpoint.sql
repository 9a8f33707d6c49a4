-- How far a partition is. Served by advances_pkey, from its end: dead rows below the last one are not visited.
select position
from kiroku.advances
where projection = $1 and version = $2 and build = $3 and partition = $4
order by position desc
limit 1
