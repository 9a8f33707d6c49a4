-- The last commit that ends before a position. Served by the primary key of commits.
select first_position, last_position, recorded_at, hash
from kiroku.commits
where last_position < $1
order by last_position desc
limit 1
