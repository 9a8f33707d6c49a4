-- How the log is cut, how far it has come, and its clock, which never goes back. Served by the primary keys of settings and commits.
select s.event_partition_size, s.event_partitions_ahead, s.idempotency_partition_days, s.idempotency_partitions_ahead,
  coalesce(c.last_position, 0) as head, greatest(clock_timestamp(), c.recorded_at) as now
from kiroku.settings s
left join lateral (select last_position, recorded_at from kiroku.commits order by last_position desc limit 1) c on true
