-- Of the projections $1 in their versions $2, in the build that is read: how far its slowest partition is, what state it is in, and how many keys
-- are parked (up to 10,000); and how many complete builds there are that neither are read nor are the one before. Served by the primary keys.
select
  given.name,
  case
    when build.number is null then 'unbuilt'
    when build.paused then 'paused'
    when parts.stalled > 0 then 'stalled'
    when parts.unheld > 0 then 'orphaned'
    else 'following'
  end as state,
  parts.position,
  (
    select count(*)
    from (
      select from kiroku.parked_keys as parked
      where parked.projection = given.name and parked.version = given.version and parked.build = build.number
      limit 10000
    ) as counted
  )::integer as "parkedKeys",
  (
    select count(*)
    from kiroku.projection_builds as kept
    where
      kept.projection = given.name
      and kept.version = given.version
      and kept.state = 'ready'
      and kept.build is distinct from build.number
      and kept.build is distinct from build.previous
  )::integer as "spareBuilds"
from unnest($1::text[], $2::integer[]) as given (name, version)
left join lateral (
  select stored.active_build as number, stored.previous_build as previous, stored.paused_at is not null as paused
  from kiroku.projection_versions as stored
  where stored.projection = given.name and stored.version = given.version
) as build on true
left join lateral (
  select
    min(part.position) as position,
    count(*) filter (where part.stalled_reason is not null)::integer as stalled,
    count(*) filter (where part.owner is null)::integer as unheld
  from kiroku.checkpoints as part
  where part.projection = given.name and part.version = given.version and part.build = build.number
) as parts on true
