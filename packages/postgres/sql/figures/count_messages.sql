-- Of every outside consumer: how many messages are kept in each state, up to 10,000 of each. Served by consumer_messages_due_idx,
-- consumer_messages_queued_idx and consumer_messages_dead_idx: the orders keep the planner from reading the table, for each consumer, where most
-- messages are of one.
select
  consumer.name,
  (
    select count(*) from (
      select from kiroku.consumer_messages as kept
      where kept.consumer = consumer.id and kept.state = 'waiting'
      order by kept.due_at, kept.position
      limit 10000
    ) as counted
  )::integer as waiting,
  (
    select count(*) from (
      select from kiroku.consumer_messages as kept
      where kept.consumer = consumer.id and kept.state = 'queued'
      order by kept.position
      limit 10000
    ) as counted
  )::integer as queued,
  (
    select count(*) from (
      select from kiroku.consumer_messages as kept
      where kept.consumer = consumer.id and kept.state = 'dead'
      order by kept.position
      limit 10000
    ) as counted
  )::integer as dead
from kiroku.consumers as consumer
order by consumer.name
limit 200
