-- Which of the streams $2 have no messages left. Served by consumer_messages_stream_idx.
select given.stream
from unnest($2::text[]) as given (stream)
where not exists (select from kiroku.consumer_messages as message where message.consumer = $1 and message.stream = given.stream)
