-- The commit that holds a position, or else the next one. Served by the primary key of commits.
select first_position, last_position, recorded_at, hash
from kiroku.commits
where last_position >= $1
order by last_position
limit 1
