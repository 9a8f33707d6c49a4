-- Of every outside consumer that is not paused: how far it is and when it last moved, whether a process holds it and since when its lease is
-- over, for how long the message has been due that is due first, what fails (of messages, the one that is due last: it has failed most often), the
-- latest dead letter, and how many processes could take it. Served by consumers_name_key, consumer_advances_pkey, consumer_messages_due_idx and
-- consumer_messages_dead_idx.
select
  consumer.name,
  coalesce(latest.position, 0) as position,
  extract(epoch from statement_timestamp() - coalesce(latest.moved_at, consumer.created_at))::double precision as "restedSeconds",
  consumer.timeout_ms as "timeoutMs",
  coalesce(consumer.leased_until > statement_timestamp(), false) as held,
  case
    when consumer.leased_until <= statement_timestamp()
      then extract(epoch from statement_timestamp() - consumer.leased_until)::double precision
  end as "lapsedSeconds",
  extract(epoch from statement_timestamp() - due.due_at)::double precision as "overdueSeconds",
  coalesce(fault.error, failing.error) as "failingError",
  extract(epoch from statement_timestamp() - coalesce(fault.since, failing.first_failed_at))::double precision as "failingSeconds",
  dead.error as "deadError",
  extract(epoch from statement_timestamp() - dead.failed_at)::double precision as "deadSeconds",
  (select count(*) from kiroku.consumer_attendance as present where present.alive_until > statement_timestamp())::integer as attending
from kiroku.consumers as consumer
left join lateral (
  select advance.position, advance.moved_at
  from kiroku.consumer_advances as advance
  where advance.consumer = consumer.id
  order by advance.position desc
  limit 1
) as latest on true
left join lateral (
  select message.due_at
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id and message.state = 'waiting' and message.due_at <= statement_timestamp()
  order by message.due_at
  limit 1
) as due on true
left join lateral (
  select consumer.fault_code || ': ' || consumer.fault_error as error, consumer.fault_since as since
  where consumer.fault_epoch = consumer.epoch
) as fault on true
left join lateral (
  select message.error, message.first_failed_at
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id and message.state = 'waiting' and message.error is not null
  order by message.due_at desc, message.position desc
  limit 1
) as failing on true
left join lateral (
  select message.error, message.failed_at
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id and message.state = 'dead'
  order by message.position desc
  limit 1
) as dead on true
where consumer.paused_at is null
order by consumer.name
