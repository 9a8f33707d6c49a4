-- Messages that are due, of $2 streams at most, each with those queued behind it, $3 per stream. Served by consumer_messages_due_idx and
-- consumer_messages_stream_idx.
with heads as (
  select stream, position, due_at
  from kiroku.consumer_messages
  where consumer = $1 and state = 'waiting' and due_at <= statement_timestamp()
  order by due_at, position
  limit $2
)
select
  message.position,
  message.stream,
  message.attempts,
  coalesce(extract(epoch from statement_timestamp() - message.first_failed_at) * 1000, 0)::double precision as "failingForMs"
from heads
cross join lateral (
  select queued.position, queued.stream, queued.attempts, queued.first_failed_at
  from kiroku.consumer_messages as queued
  where queued.consumer = $1 and queued.stream = heads.stream and queued.position >= heads.position
  order by queued.position
  limit $3
) as message
order by heads.due_at, heads.position, message.position
