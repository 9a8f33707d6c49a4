-- A parked key with the events that wait. Served by parked_keys_pkey and parked_events_pkey.
select
  parked.partition,
  made.partitions,
  parked.key,
  parked.event_type,
  parked.error_code,
  parked.error_message,
  parked.error_stack,
  parked.attempts,
  array(
    select waiting.position from kiroku.parked_events as waiting
    where waiting.projection = $1 and waiting.version = $2 and waiting.build = $3 and waiting.table_name = $4 and waiting.key_text = $5
    order by waiting.position
  ) as positions
from kiroku.parked_keys as parked
join kiroku.projection_builds as made using (projection, version, build)
where parked.projection = $1 and parked.version = $2 and parked.build = $3 and parked.table_name = $4 and parked.key_text = $5
