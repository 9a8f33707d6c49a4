-- Moves a consumer on. Served by consumer_advances_pkey.
insert into kiroku.consumer_advances (consumer, position) values ($1, $2) on conflict do nothing
