-- Forgets the messages kept after a position. Served by consumer_messages_pkey.
delete from kiroku.consumer_messages where consumer = $1 and position > $2
