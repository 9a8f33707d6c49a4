-- Copies the parked keys of table $5 from build $4 to build $3, but for those named in $6 and events whose keys could not be told, with what
-- waits behind them. Served by parked_keys_pkey and parked_events_pkey.
with carried as (
  insert into kiroku.parked_keys (
    projection, version, build, partition, table_name, key_text, key, position, event_type, error_code, error_message, error_stack,
    attempts, parked_at, tried_at
  )
  select
    projection, version, $3, partition, table_name, key_text, key, position, event_type, error_code, error_message, error_stack,
    attempts, parked_at, tried_at
  from kiroku.parked_keys
  where projection = $1 and version = $2 and build = $4 and table_name = $5 and key is not null and key_text <> all ($6::text[])
  returning key_text
)
insert into kiroku.parked_events (projection, version, build, table_name, key_text, position)
select $1, $2, $3, waiting.table_name, waiting.key_text, waiting.position
from kiroku.parked_events as waiting
join carried using (key_text)
where waiting.projection = $1 and waiting.version = $2 and waiting.build = $4 and waiting.table_name = $5
