-- What keeps the owner of a consumer from delivering, whatever its messages are: its lists must not say that all is well.

alter table kiroku.consumers
  add column fault_code text,
  add column fault_error text,
  add column fault_since timestamptz,
  -- of the owner that noted it: a later one begins without a fault
  add column fault_epoch integer,
  add check ((fault_code is null) = (fault_error is null) and (fault_code is null) = (fault_since is null));

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
  coalesce(fault.since, failing.first_failed_at) as failing_since,
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
  select count(*) filter (where message.state <> 'dead') as waiting, count(*) filter (where message.state = 'dead') as dead
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id
) as kept
left join lateral (
  select message.error, message.first_failed_at
  from kiroku.consumer_messages as message
  where message.consumer = consumer.id and message.state = 'waiting' and message.error is not null
  order by message.failed_at desc
  limit 1
) as failing on true;
