-- Makes the first message of each stream due if it was queued behind what is gone. Served by consumer_messages_stream_idx.
update kiroku.consumer_messages as message
set state = 'waiting', due_at = clock_timestamp()
from unnest($2::text[]) as gone (stream)
cross join lateral (
  select queued.position, queued.state
  from kiroku.consumer_messages as queued
  where queued.consumer = $1 and queued.stream = gone.stream
  order by queued.position
  limit 1
) as first
where message.consumer = $1 and message.position = first.position and first.state = 'queued'
