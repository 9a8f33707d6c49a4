-- What tools have to know of the server. Settings that only superusers may read are null for others. No index: settings.
select
  current_setting('server_version') as version,
  current_setting('server_version_num') as version_number,
  current_setting('port') as port,
  current_setting('archive_mode') as archive_mode,
  current_setting('wal_level') as wal_level,
  pg_has_role(current_user, 'pg_read_all_data', 'usage') as may_read_all,
  case
    when pg_has_role(current_user, 'pg_read_all_settings', 'usage') then json_build_object(
      'dataDirectory', current_setting('data_directory'),
      'socketDirectory', split_part(current_setting('unix_socket_directories'), ',', 1),
      'configFile', current_setting('config_file'),
      'hbaFile', current_setting('hba_file')
    )
  end as local
