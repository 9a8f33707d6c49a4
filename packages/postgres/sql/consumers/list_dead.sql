-- Dead letters, oldest first: of the consumer named $1, or of all. Served by consumer_messages_dead_idx.
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
where $1::text is null or consumer.name = $1
order by message.failed_at, message.position
limit $2
