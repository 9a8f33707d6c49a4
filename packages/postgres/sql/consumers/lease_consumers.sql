-- Renews the leases of the process $1 for $2 ms, and takes free and expired ones, up to its fair share; what it has beyond that is left as it is,
-- for it to release. The caller holds lock_consumers. Few rows; served by consumers_pkey.
with alive as (
  select instance, count(*) over () as attending, row_number() over (order by instance) as turn
  from kiroku.consumer_attendance
  where alive_until > statement_timestamp()
),
open as (
  select
    id,
    owner is not distinct from $1 as mine,
    count(*) over () as consumers,
    owner is null or owner = $1 or leased_until <= statement_timestamp() as takeable
  from kiroku.consumers
),
ranked as (
  select
    open.id,
    open.mine,
    row_number() over (order by open.mine desc, open.id)
      <= open.consumers / me.attending + (me.turn <= open.consumers % me.attending)::integer as held
  from open
  join alive as me on me.instance = $1
  where open.takeable
),
leased as (
  update kiroku.consumers as consumer
  set
    owner = $1,
    epoch = consumer.epoch + (not ranked.mine)::integer,
    leased_until = clock_timestamp() + $2 * interval '1 millisecond'
  from ranked
  where consumer.id = ranked.id and ranked.held
  returning
    consumer.id,
    consumer.name,
    consumer.url,
    consumer.types,
    consumer.categories,
    consumer.tags,
    consumer.reveal,
    consumer.timeout_ms,
    consumer.concurrency,
    consumer.max_attempts,
    consumer.max_age_seconds,
    consumer.epoch,
    consumer.secret,
    consumer.previous_secret,
    consumer.previous_secret_until,
    consumer.log_id,
    consumer.timeline,
    consumer.paused_at is not null as paused
)
select * from leased order by name
