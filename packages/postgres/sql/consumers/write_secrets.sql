-- Replaces the secrets of a consumer. Served by consumers_pkey.
update kiroku.consumers
set secret = $2::jsonb, previous_secret = $3::jsonb, previous_secret_until = $4::timestamptz
where id = $1
