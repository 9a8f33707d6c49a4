-- Reads which log this is and its last position. Served by the primary key of commits.
select id, timeline, coalesce((select last_position from kiroku.commits order by last_position desc limit 1), 0) as position
from kiroku.log
