-- Begins a backup, with a checkpoint at once; ends by itself with this connection.
select
  started.lsn::text as start_lsn,
  ('x' || left(pg_walfile_name(started.lsn), 8))::bit(32)::int as wal_timeline,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  pg_size_bytes(current_setting('wal_segment_size'))::int as segment_bytes,
  current_setting('server_version') as server_version,
  current_setting('data_directory') as data_directory
from pg_backup_start($1, fast => true) as started (lsn)
