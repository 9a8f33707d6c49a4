-- Creates the next partition of idempotency_keys. No index: it makes them.
select created_from, created_until from kiroku.create_idempotency_partition()
