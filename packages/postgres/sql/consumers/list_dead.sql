-- The first $2 dead letters, oldest first: of the consumer named $1, or of all; if given, after the one at $4 of the consumer $5 that died at $3.
-- Served by consumer_messages_dead_idx.
select
  consumer.name as consumer,
  message.position,
  message.event_id as "eventId",
  message.event_type as "eventType",
  message.stream,
  message.error,
  message.attempts,
  message.first_failed_at as "failedAt",
  message.failed_at as "diedAt",
  (
    select count(*)
    from kiroku.consumer_messages as behind
    where behind.consumer = message.consumer and behind.stream = message.stream and behind.position > message.position
  ) as behind
from kiroku.consumers as consumer
join kiroku.consumer_messages as message on message.consumer = consumer.id and message.state = 'dead'
where ($1::text is null or consumer.name = $1)
  and ($3::timestamptz is null or (message.failed_at, message.position, consumer.name) > ($3, $4::bigint, $5::text))
order by message.failed_at, message.position, consumer.name
limit $2
