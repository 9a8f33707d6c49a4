-- The first $2 dead letters, oldest first: of the consumer named $1, or of all; if given, after the one at $4 of the consumer $5 that died at $3.
-- Served by consumer_messages_died_idx, $2 of each consumer, and consumer_messages_stream_idx.
select
  oldest.consumer_name as consumer,
  oldest.position,
  oldest.event_id as "eventId",
  oldest.event_type as "eventType",
  oldest.stream,
  oldest.error,
  oldest.attempts,
  oldest.first_failed_at as "failedAt",
  oldest.failed_at as "diedAt",
  (
    select count(*)
    from kiroku.consumer_messages as behind
    where behind.consumer = oldest.consumer and behind.stream = oldest.stream and behind.position > oldest.position
  ) as behind
from (
  select consumer.name as consumer_name, dead.*
  from kiroku.consumers as consumer
  cross join lateral (
    select message.*
    from kiroku.consumer_messages as message
    where message.consumer = consumer.id
      and message.state = 'dead'
      and message.failed_at >= coalesce($3::timestamptz, '-infinity')
      and ($3::timestamptz is null or (message.failed_at, message.position, consumer.name) > ($3, $4::bigint, $5::text))
    order by message.failed_at, message.position
    limit $2
  ) as dead
  where $1::text is null or consumer.name = $1
  order by dead.failed_at, dead.position, consumer.name
  limit $2
) as oldest
order by oldest.failed_at, oldest.position, oldest.consumer_name
