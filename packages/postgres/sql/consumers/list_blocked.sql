-- The streams of which messages are kept. Served by consumer_messages_stream_idx.
select distinct stream from kiroku.consumer_messages where consumer = $1
