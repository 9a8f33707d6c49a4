-- Keeps messages: the first of a stream waits or is dead, the others are queued behind it. Those up to where the consumer is were kept before, by
-- a write whose answer got lost: they stay as they are, or have been delivered or discarded since, and nothing is queued behind those. Served by
-- consumer_messages_stream_idx, consumer_messages_pkey and consumer_advances_pkey.
with kept as materialized (
  select given.*
  from json_to_recordset($2::json) as given (
    position bigint, "eventId" uuid, "eventType" text, stream text, error text, "retryMs" double precision, dead boolean
  )
  where given.position > coalesce(
    (select advance.position from kiroku.consumer_advances as advance where advance.consumer = $1 order by advance.position desc limit 1), 0
  )
)
insert into kiroku.consumer_messages (
  consumer, position, event_id, event_type, stream, state, attempts, due_at, error, first_failed_at, failed_at
)
select
  $1,
  kept.position,
  kept."eventId",
  kept."eventType",
  kept.stream,
  placed.state,
  (kept.error is not null)::integer,
  case when placed.state = 'waiting' then clock_timestamp() + coalesce(kept."retryMs", 0) * interval '1 millisecond' else 'infinity' end,
  kept.error,
  case when kept.error is not null then clock_timestamp() end,
  case when kept.error is not null then clock_timestamp() end
from kept
cross join lateral (
  select
    case
      when exists (
        select from kept as other
        where other.stream = kept.stream and other.position < kept.position
      ) or exists (
        select from kiroku.consumer_messages as before
        where before.consumer = $1 and before.stream = kept.stream and before.position < kept.position
      ) then 'queued'
      when kept.dead then 'dead'
      else 'waiting'
    end as state
) as placed
on conflict (consumer, position) do nothing
