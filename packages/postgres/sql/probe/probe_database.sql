-- Whether the connected database is being migrated (see lock_migrations), or cannot be written to, such as a standby. Reads no table.
select
  exists (
    select
    from pg_locks, hashtextextended('kiroku.migrate', 0) as key
    where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())
      and classid = (key >> 32 & 4294967295)::oid
      and objid = (key & 4294967295)::oid
      and objsubid = 1
      and granted
  ) as migrating,
  pg_is_in_recovery() as "readOnly"
