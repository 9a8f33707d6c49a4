-- The position that a command led to. Served by the unique index on command_id of each partition of idempotency_keys.
select (result ->> 'position')::bigint as position
from kiroku.idempotency_keys
where command_id = $1
