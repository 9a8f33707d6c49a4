-- Of every outside consumer that is not paused: how far it is and when it last moved, whether a process holds it and since when its lease is
-- over, for how long the message has been due that is due first, and how many processes could take it. Served by consumers_name_key,
-- consumer_advances_pkey and consumer_messages_due_idx.
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
where consumer.paused_at is null
order by consumer.name
