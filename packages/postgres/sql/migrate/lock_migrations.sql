-- Waits until no other process migrates the connected database; held until the session ends. No index: an advisory lock.
select pg_advisory_lock(hashtextextended('kiroku.migrate', 0))
