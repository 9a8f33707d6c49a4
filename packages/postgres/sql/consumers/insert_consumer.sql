-- Registers a consumer; no row if the name is taken. Served by consumers_name_key.
with added as (
  insert into kiroku.consumers (
    id, name, url, types, categories, tags, reveal, timeout_ms, concurrency, max_attempts, max_age_seconds, secret, log_id, timeline, created_by
  )
  values ($1, $2, $3, $4::text[], $5::text[], $6::text[], $7, $8, $9, $10, $11, $12::jsonb, $13, $14, $15)
  on conflict (name) do nothing
  returning id
)
insert into kiroku.consumer_advances (consumer, position)
select added.id, $16::bigint from added
returning consumer
