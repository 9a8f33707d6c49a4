-- Leaves the events at $6 parked behind the first of them, which has failed again. Served by parked_keys_pkey and parked_events_pkey.
with done as (
  delete from kiroku.parked_events
  where projection = $1 and version = $2 and build = $3 and table_name = $4 and key_text = $5 and position <> all ($6::bigint[])
)
update kiroku.parked_keys
set position = ($6::bigint[])[1], event_type = $7, error_code = $8, error_message = $9, error_stack = $10,
  attempts = attempts + 1, tried_at = clock_timestamp()
where projection = $1 and version = $2 and build = $3 and table_name = $4 and key_text = $5
