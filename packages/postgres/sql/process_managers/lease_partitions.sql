-- Renews the leases of the process $1 on the process managers $2 for $3 ms, takes free and expired ones, and gives up what exceeds its fair
-- share. The caller holds lock_process_managers. Served by process_partitions_pkey.
with alive as (
  select
    process_manager,
    instance,
    count(*) over (partition by process_manager) as attending,
    row_number() over (partition by process_manager order by instance) as turn
  from kiroku.process_attendance
  where process_manager = any ($2::text[]) and alive_until > statement_timestamp()
),
open as (
  select
    part.process_manager,
    part.partition,
    part.owner is not distinct from $1 as mine,
    count(*) over (partition by part.process_manager) as partitions,
    part.owner is null or part.owner = $1 or part.leased_until <= statement_timestamp() as takeable
  from kiroku.process_partitions as part
  where part.process_manager = any ($2::text[])
),
ranked as (
  select
    open.process_manager,
    open.partition,
    open.mine,
    open.partitions,
    row_number() over (partition by open.process_manager order by open.mine desc, open.partition)
      <= open.partitions / me.attending + (me.turn <= open.partitions % me.attending)::integer as held
  from open
  join alive as me on me.process_manager = open.process_manager and me.instance = $1
  where open.takeable
),
shared as (
  update kiroku.process_partitions as part
  set
    owner = case when ranked.held then $1 end,
    epoch = part.epoch + (ranked.held and not ranked.mine)::integer,
    leased_until = case when ranked.held then clock_timestamp() + $3 * interval '1 millisecond' end
  from ranked
  where part.process_manager = ranked.process_manager and part.partition = ranked.partition and (ranked.held or ranked.mine)
  returning part.process_manager, part.partition, ranked.partitions, part.epoch, ranked.held
)
select process_manager, partition, partitions, epoch from shared where held order by process_manager, partition
