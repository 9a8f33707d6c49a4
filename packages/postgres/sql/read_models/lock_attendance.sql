-- Lets one instance at a time look for work, so that no two take the same. No index: an advisory lock.
select pg_advisory_xact_lock(hashtextextended('kiroku.attend', 0))
