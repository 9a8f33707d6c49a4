-- For lists of dead letters: the oldest of each consumer, also where many are kept. Only what dies, or is retried, touches it.
create index consumer_messages_died_idx on kiroku.consumer_messages (consumer, failed_at, position) where state = 'dead';
