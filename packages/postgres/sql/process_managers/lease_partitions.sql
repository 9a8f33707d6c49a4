-- Renews the leases of the process $1 on the process managers $2 for $3 ms, takes free and expired ones, and gives up what exceeds its fair
-- share. The caller holds lock_process_managers. Partitions are locked in the order in which lock_turn does. Served by process_partitions_pkey.
with alive as (
  select
    process_manager,
    instance,
    count(*) over (partition by process_manager) as attending,
    row_number() over (partition by process_manager order by instance) as turn
  from kiroku.process_attendance
  where process_manager = any ($2::text[]) and alive_until > statement_timestamp()
),
sized as (
  select process_manager, count(*) as partitions from kiroku.process_partitions where process_manager = any ($2::text[]) group by process_manager
),
open as materialized (
  select process_manager, partition, owner is not distinct from $1 as mine
  from kiroku.process_partitions
  where process_manager = any ($2::text[]) and (owner is null or owner = $1 or leased_until <= statement_timestamp())
  order by process_manager, partition
  for no key update
),
ranked as (
  select
    open.process_manager,
    open.partition,
    open.mine,
    sized.partitions,
    row_number() over (partition by open.process_manager order by open.mine desc, open.partition)
      <= sized.partitions / me.attending + (me.turn <= sized.partitions % me.attending)::integer as held
  from open
  join sized on sized.process_manager = open.process_manager
  join alive as me on me.process_manager = open.process_manager and me.instance = $1
),
shared as (
  update kiroku.process_partitions as part
  set
    owner = case when ranked.held then $1 end,
    epoch = part.epoch + (not ranked.mine)::integer,
    leased_until = case when ranked.held then clock_timestamp() + $3 * interval '1 millisecond' end
  from ranked
  where part.process_manager = ranked.process_manager and part.partition = ranked.partition and (ranked.held or ranked.mine)
  returning part.process_manager, part.partition, ranked.partitions, part.epoch, ranked.held
)
select process_manager, partition, partitions, epoch from shared where held order by process_manager, partition
