-- The next $5 lines after number $4 of what verifications of a build go on from. Served by verified_rows_pkey.
select number, line
from kiroku.verified_rows
where projection = $1 and version = $2 and build = $3 and number > $4
order by number
limit $5
