-- Moves the checkpoint and tells who listens, once the transaction commits. Served by advances_pkey.
with advanced as (
  insert into kiroku.advances (projection, version, build, partition, position) values ($1, $2, $3, $4, $5)
)
select pg_notify('kiroku_read_models', $6)
