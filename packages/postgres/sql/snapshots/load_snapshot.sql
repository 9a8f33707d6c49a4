-- The state kept of a stream. Served by snapshots_key.
select version, event_id, state, checksum
from kiroku.snapshots
where stream = $1 and aggregate = $2 and state_version = $3
