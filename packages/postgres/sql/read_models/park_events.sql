-- Parks the events in $5 (a JSON array): those with a fault begin a queue, the others stand behind. Served by the primary keys.
with parked as (
  select *
  from json_to_recordset($5::json) as event (
    "table" text, "keyText" text, key json, position bigint, "eventType" text, code text, message text, stack text
  )
), keys as (
  insert into kiroku.parked_keys (
    projection, version, build, partition, table_name, key_text, key, position, event_type, error_code, error_message, error_stack
  )
  select $1, $2, $3, $4, "table", "keyText", key, position, "eventType", code, message, stack from parked where code is not null
)
insert into kiroku.parked_events (projection, version, build, table_name, key_text, position)
select $1, $2, $3, "table", "keyText", position from parked
