-- Of every outside consumer: how many messages are kept in each state, up to 10,000 of each. Served by consumer_messages_due_idx and
-- consumer_messages_dead_idx; what is queued behind others by consumer_messages_pkey.
select
  consumer.name,
  (
    select count(*) from (
      select from kiroku.consumer_messages as kept where kept.consumer = consumer.id and kept.state = 'waiting' limit 10000
    ) as counted
  )::integer as waiting,
  (
    select count(*) from (
      select from kiroku.consumer_messages as kept where kept.consumer = consumer.id and kept.state = 'queued' limit 10000
    ) as counted
  )::integer as queued,
  (
    select count(*) from (
      select from kiroku.consumer_messages as kept where kept.consumer = consumer.id and kept.state = 'dead' limit 10000
    ) as counted
  )::integer as dead
from kiroku.consumers as consumer
order by consumer.name
limit 200
