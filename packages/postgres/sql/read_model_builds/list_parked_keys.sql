-- The first $4 parked keys, by projection, version and build if given, oldest first; if given, after the one that $5 to $10 name. Served by parked_keys_parked_at_idx and parked_events_pkey.
select
  parked.*,
  (
    select count(*) from kiroku.parked_events as waiting
    where waiting.projection = parked.projection and waiting.version = parked.version and waiting.build = parked.build
      and waiting.table_name = parked.table_name and waiting.key_text = parked.key_text
  ) as events
from kiroku.parked_keys as parked
where ($1::text is null or projection = $1) and ($2::integer is null or version = $2) and ($3::integer is null or build = $3)
  and parked_at >= coalesce($5::timestamptz, '-infinity')
  and (
    $5::timestamptz is null
    or (parked_at, projection, version, build, table_name, key_text) > ($5, $6::text, $7::integer, $8::integer, $9::text, $10::text)
  )
order by parked_at, projection, version, build, table_name, key_text
limit $4
