-- Makes the caller the only one that makes or drops moments until its transaction ends. No index: an advisory lock.
select pg_advisory_xact_lock(hashtextextended('kiroku.moments', 0))
