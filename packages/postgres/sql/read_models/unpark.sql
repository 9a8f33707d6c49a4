-- Forgets a parked key with what waits behind it. Served by parked_keys_pkey and parked_events_pkey.
delete from kiroku.parked_keys where projection = $1 and version = $2 and build = $3 and table_name = $4 and key_text = $5
