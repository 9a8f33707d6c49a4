-- What is counted at every scrape, for each consumer: messages that are queued behind others, also where all that is kept are dead letters.
create index consumer_messages_queued_idx on kiroku.consumer_messages (consumer, position) where state = 'queued';
