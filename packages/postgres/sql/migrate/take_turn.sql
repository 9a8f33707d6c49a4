-- Waits until no other process prepares or migrates the connected database; held until the session ends. No index: an advisory lock.
select pg_advisory_lock(hashtextextended('kiroku.migrate.turn', 0))
