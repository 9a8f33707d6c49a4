-- Makes due at once what is to be tried again. Served by consumer_messages_due_idx.
update kiroku.consumer_messages set due_at = clock_timestamp() where consumer = $1 and state = 'waiting' and due_at > clock_timestamp()
