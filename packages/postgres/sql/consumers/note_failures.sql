-- Notes how messages failed, and when they are due again, if they are. Served by consumer_messages_pkey.
update kiroku.consumer_messages as message
set
  state = case when failed.dead then 'dead' else 'waiting' end,
  attempts = message.attempts + 1,
  due_at = case when failed.dead then 'infinity' else clock_timestamp() + failed."retryMs" * interval '1 millisecond' end,
  error = failed.error,
  first_failed_at = coalesce(message.first_failed_at, clock_timestamp()),
  failed_at = clock_timestamp()
from json_to_recordset($2::json) as failed (position bigint, error text, "retryMs" double precision, dead boolean)
where message.consumer = $1 and message.position = failed.position
