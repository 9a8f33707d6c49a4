-- Where the log and the write-ahead log end now: what is committed before is in the latter before this place. Served by the primary key of commits.
select
  clock_timestamp() as at,
  coalesce(last.last_position, 0) as position,
  last.recorded_at as "recordedAt",
  pg_current_wal_insert_lsn()::text as lsn,
  (select timeline_id from pg_control_checkpoint()) as "walTimeline",
  (select system_identifier::text from pg_control_system()) as "systemIdentifier",
  pg_size_bytes(current_setting('wal_segment_size'))::int as "segmentBytes"
from (select 1) as one
left join lateral (select last_position, recorded_at from kiroku.commits order by last_position desc limit 1) last on true
