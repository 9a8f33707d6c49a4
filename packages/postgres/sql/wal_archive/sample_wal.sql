-- Where the write-ahead log ends now: what is committed before is in it before this place. Reads no table, so that it answers whatever is lost.
select
  clock_timestamp() as at,
  pg_current_wal_insert_lsn()::text as lsn,
  (select timeline_id from pg_control_checkpoint()) as "walTimeline",
  (select system_identifier::text from pg_control_system()) as "systemIdentifier",
  pg_size_bytes(current_setting('wal_segment_size'))::int as "segmentBytes"
