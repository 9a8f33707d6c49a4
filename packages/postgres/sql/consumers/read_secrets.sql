-- What a consumer's messages are signed with, sealed. Served by consumers_name_key.
select id, secret, previous_secret, previous_secret_until from kiroku.consumers where name = $1
