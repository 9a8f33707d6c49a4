-- Parks the events in $4 (a JSON array, in order): those with a fault begin a queue, the others stand behind. What is parked already stays.
-- Served by the primary keys.
with parked as (
  select *
  from json_to_recordset($4::json) as event (
    "table" text, "keyText" text, key json, partition smallint, position bigint, "eventType" text, code text, message text, stack text
  )
), keys as (
  insert into kiroku.parked_keys (
    projection, version, build, partition, table_name, key_text, key, position, event_type, error_code, error_message, error_stack
  )
  select $1, $2, $3, partition, "table", "keyText", key, position, "eventType", code, message, stack from parked where code is not null
  on conflict do nothing
)
insert into kiroku.parked_events (projection, version, build, table_name, key_text, position)
select $1, $2, $3, "table", "keyText", position from parked
on conflict do nothing
