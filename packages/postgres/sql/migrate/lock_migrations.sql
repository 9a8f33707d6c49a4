-- Marks the connected database as being migrated, which makes services unready (see probe_database); held until the session ends. Waits for what
-- other code of ours has marked. No index: an advisory lock.
select pg_advisory_lock(hashtextextended('kiroku.migrate', 0))
