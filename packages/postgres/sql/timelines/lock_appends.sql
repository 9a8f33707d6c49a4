-- Keeps others from appending until the transaction ends. No index.
select pg_advisory_xact_lock(hashtextextended('kiroku.append', 0))
