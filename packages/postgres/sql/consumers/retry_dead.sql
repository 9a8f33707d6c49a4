-- Makes dead letters due again, those at the positions $2 or all (null). Served by consumer_messages_dead_idx.
update kiroku.consumer_messages
set state = 'waiting', due_at = clock_timestamp(), attempts = 0, error = null, first_failed_at = null, failed_at = null
where consumer = $1 and state = 'dead' and ($2::bigint[] is null or position = any ($2::bigint[]))
returning position
