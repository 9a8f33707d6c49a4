-- Reads which log this is and its last commit. Served by the primary key of commits.
select log.id, log.timeline, coalesce(last.last_position, 0) as position, last.hash, last.recorded_at
from kiroku.log
left join lateral (select last_position, hash, recorded_at from kiroku.commits order by last_position desc limit 1) last on true
