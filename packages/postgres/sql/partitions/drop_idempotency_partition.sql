-- Drops the oldest partition of idempotency_keys, if it may be forgotten. Served by the unique index on until_time.
select dropped_number from kiroku.drop_idempotency_partition()
