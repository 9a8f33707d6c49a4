-- Finds what a command led to. Served by the primary key of idempotency_keys.
select fingerprint, result
from kiroku.idempotency_keys
where command_id = $1
