-- Renews the leases of the process $1 for $2 ms, takes free and expired ones, and gives up what exceeds its fair share. The caller holds
-- lock_consumers. Few rows; served by consumers_pkey.
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
shared as (
  update kiroku.consumers as consumer
  set
    owner = case when ranked.held then $1 end,
    epoch = consumer.epoch + (ranked.held and not ranked.mine)::integer,
    leased_until = case when ranked.held then clock_timestamp() + $2 * interval '1 millisecond' end
  from ranked
  where consumer.id = ranked.id and (ranked.held or ranked.mine)
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
    consumer.paused_at is not null as paused,
    ranked.held
)
select * from shared where held order by name
