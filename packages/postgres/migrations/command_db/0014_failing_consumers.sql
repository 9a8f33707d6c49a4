-- A consumer with dead letters fails too, since the first failure that is not settled: its streams do not get on by themselves.

create or replace view kiroku.consumer_status with (security_invoker) as
select
  consumer.id,
  consumer.name,
  consumer.url,
  consumer.types,
  consumer.categories,
  consumer.tags,
  consumer.reveal,
  consumer.timeout_ms,
  consumer.concurrency,
  consumer.max_attempts,
  consumer.max_age_seconds,
  consumer.log_id,
  consumer.timeline,
  coalesce(latest.position, 0) as position,
  coalesce(latest.moved_at, consumer.created_at) as moved_at,
  consumer.paused_reason,
  consumer.paused_at,
  kept.waiting,
  kept.dead,
  coalesce(fault.error, failing.error) as failing_error,
  coalesce(fault.since, kept.failing_since) as failing_since,
  case when consumer.leased_until > statement_timestamp() then consumer.owner end as owner,
  case when consumer.previous_secret_until > statement_timestamp() then consumer.previous_secret_until end as previous_secret_until,
  consumer.created_by,
  consumer.created_at,
  fault.code as failing_code
from kiroku.consumers as consumer
left join lateral (
  select consumer.fault_code as code, consumer.fault_error as error, consumer.fault_since as since
  where consumer.fault_epoch = consumer.epoch
) as fault on true
left join lateral (
  select advance.position, advance.moved_at
  from kiroku.consumer_advances as advance
  where advance.consumer = consumer.id
  order by advance.position desc
  limit 1
) as latest on true
cross join lateral (
  select
    count(*) filter (where message.state <> 'dead') as waiting,
    count(*) filter (where message.state = 'dead') as dead,
    min(message.first_failed_at) as failing_since
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id
) as kept
left join lateral (
  select message.error
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id and message.error is not null
  order by message.failed_at desc
  limit 1
) as failing on true;
