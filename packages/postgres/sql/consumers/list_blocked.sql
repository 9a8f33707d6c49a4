-- The streams of which messages are kept. Goes from one to the next by consumer_messages_stream_idx: messages that wait behind others may be many.
with recursive found as (
  (select kept.stream from kiroku.consumer_messages as kept where kept.consumer = $1 order by kept.stream limit 1)
  union all
  select (
    select kept.stream from kiroku.consumer_messages as kept where kept.consumer = $1 and kept.stream > found.stream order by kept.stream limit 1
  )
  from found
  where found.stream is not null
)
select stream from found where stream is not null
