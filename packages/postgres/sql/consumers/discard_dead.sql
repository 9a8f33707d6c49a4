-- Forgets dead letters. Served by consumer_messages_dead_idx.
delete from kiroku.consumer_messages where consumer = $1 and state = 'dead' and position = any ($2::bigint[]) returning position, stream
