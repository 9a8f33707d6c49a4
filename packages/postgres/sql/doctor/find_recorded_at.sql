-- When the commit that holds a position was recorded. Served by the primary key of commits.
select recorded_at as at from kiroku.commits where last_position >= $1 order by last_position limit 1
