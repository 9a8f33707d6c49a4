-- What tools have to know of the server. Settings that only superusers may read are null for others. No index: settings and control data.
select
  current_setting('server_version') as version,
  current_setting('server_version_num') as version_number,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  pg_database_size(current_database())::text as database_bytes,
  current_setting('port') as port,
  current_setting('archive_mode') as archive_mode,
  current_setting('archive_command') as archive_command,
  current_setting('wal_level') as wal_level,
  (select setting from pg_settings where name = 'data_directory') as data_directory,
  (select split_part(setting, ',', 1) from pg_settings where name = 'unix_socket_directories') as socket_directory
