-- How the server keeps what it is given. No index: settings.
select name, setting from pg_catalog.pg_settings
where name in (
  'fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'wal_level', 'archive_mode', 'track_io_timing', 'shared_preload_libraries'
)
