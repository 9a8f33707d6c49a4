-- How far the server's archive is. No index.
select
  (select system_identifier::text from pg_control_system()) as server,
  -- /bin/true keeps nothing: the embedded server has it until somebody wants an archive
  current_setting('archive_mode') <> 'off' and current_setting('archive_command') <> '/bin/true' as "on",
  failed_count as failed,
  last_failed_wal as "failedWal",
  last_failed_time as "failedAt",
  last_archived_wal as "archivedWal",
  last_archived_time as "archivedAt",
  coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as failing,
  -- a segment that was filled since, or the one in use, is all that is missing
  case when pg_is_in_recovery() then null else pg_walfile_name(pg_current_wal_lsn()) end as "presentWal",
  extract(epoch from clock_timestamp() - coalesce(last_archived_time, stats_reset))::double precision as "seconds"
from pg_catalog.pg_stat_archiver
