-- The last commit of the event log, and a moment at which it was there: whoever drops its table waits for this. Served by the primary key of commits.
select now.at as "readAt", coalesce(last.last_position, 0) as position, last.recorded_at as "recordedAt"
from (select clock_timestamp() as at) as now
left join lateral (select last_position, recorded_at from kiroku.commits order by last_position desc limit 1) last on true
