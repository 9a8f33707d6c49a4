-- What the present database holds on disk.
select pg_database_size(current_database())::float8 as bytes
