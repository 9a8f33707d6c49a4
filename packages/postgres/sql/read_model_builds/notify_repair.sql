-- Tells who listens that rows have changed, once the transaction commits. No index.
select pg_notify('kiroku_read_models', $1)
