-- How many streams have a message that is tried again, and how many a dead letter. Served by consumer_messages_due_idx and
-- consumer_messages_dead_idx.
select
  (select count(*) from kiroku.consumer_messages where consumer = $1 and state = 'waiting') as retried,
  (select count(*) from kiroku.consumer_messages where consumer = $1 and state = 'dead') as dead
