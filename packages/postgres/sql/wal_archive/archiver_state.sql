-- What the server says of the write-ahead log that it hands over.
select
  current_setting('archive_command') not in ('', '/bin/true') as "handsOver",
  s.failed_count::float8 as failures,
  s.last_failed_wal as "lastFailed",
  s.last_archived_wal as "lastAccepted",
  (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as waiting,
  (select extract(epoch from clock_timestamp() - min(modification))::float8 from pg_ls_archive_statusdir() where name like '%.ready')
    as "lagSeconds"
from pg_stat_archiver s
