-- Makes the caller the only one that prepares this projection until its transaction ends. No index: an advisory lock.
select pg_advisory_xact_lock(hashtextextended('kiroku.prepare-projection:' || $1, 0))
