-- Removes messages that were delivered. Served by consumer_messages_pkey.
delete from kiroku.consumer_messages where consumer = $1 and position = any ($2::bigint[]) returning stream
