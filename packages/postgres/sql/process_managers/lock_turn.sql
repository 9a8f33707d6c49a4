-- Makes the caller the only one that advances partitions ($2) until its transaction ends, tells which of them are not the caller's ($4: its epochs)
-- and, if all are, keeps others from settling the commands ($5), without those that are settled already, and from changing their instances and $3;
-- each in one order, so that two callers cannot wait for each other. Rows with an id are commands. Served by process_partitions_pkey,
-- outgoing_commands_pkey (asking for settled_at would let the planner walk the dead rows of outgoing_commands_due_idx) and process_instances_pkey.
with turn as materialized (
  select partition, epoch
  from kiroku.process_partitions
  where process_manager = $1 and partition = any ($2::integer[])
  order by partition
  for no key update
),
lost as materialized (
  select held.partition
  from unnest($2::integer[], $4::integer[]) as held (partition, epoch)
  left join turn on turn.partition = held.partition
  where turn.epoch is distinct from held.epoch
),
open as materialized (
  select id, instance
  from kiroku.outgoing_commands
  where id = any ($5::uuid[]) and outcome is null and (select count(*) from lost) = 0
  order by id
  for update
),
locked as materialized (
  select instance, state, status, failure
  from kiroku.process_instances
  where process_manager = $1
    and instance = any ($3::text[] || array(select instance from open))
    and (select count(*) from lost) = 0
  order by instance
  for update
)
select partition as lost, null::uuid as id, null as instance, null::jsonb as state, null as status, null as failure from lost
union all
select null, id, null, null, null, null from open
union all
select null, null, instance, state, status, failure from locked
