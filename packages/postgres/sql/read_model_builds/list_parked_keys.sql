-- The first $4 parked keys, by projection, version and build if given, oldest first. Served by parked_keys_parked_at_idx and parked_events_pkey.
select
  parked.*,
  (
    select count(*) from kiroku.parked_events as waiting
    where waiting.projection = parked.projection and waiting.version = parked.version and waiting.build = parked.build
      and waiting.table_name = parked.table_name and waiting.key_text = parked.key_text
  ) as events
from kiroku.parked_keys as parked
where ($1::text is null or projection = $1) and ($2::integer is null or version = $2) and ($3::integer is null or build = $3)
order by parked_at, projection, version, build, table_name, key_text
limit $4
