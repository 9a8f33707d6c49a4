-- For how long there have been events, in seconds; no row if there are none. Served by the primary key of commits.
select extract(epoch from clock_timestamp() - recorded_at)::double precision as seconds from kiroku.commits order by last_position limit 1
