-- Finds what a command led to. Served by the unique index on command_id of each partition of idempotency_keys.
select fingerprint, result
from kiroku.idempotency_keys
where command_id = $1
