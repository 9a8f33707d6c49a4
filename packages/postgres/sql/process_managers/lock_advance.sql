-- Makes the caller the only one that advances partitions ($2) until its transaction ends, tells which of them are not the caller's ($4: its epochs)
-- and, if all are, loads instances and keeps others from changing them; each in one order, so that two callers cannot wait for each other. Served
-- by process_partitions_pkey and process_instances_pkey.
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
locked as materialized (
  select instance, state, status, failure
  from kiroku.process_instances
  where process_manager = $1 and instance = any ($3::text[]) and (select count(*) from lost) = 0
  order by instance
  for update
)
select partition as lost, null as instance, null::jsonb as state, null as status, null as failure from lost
union all
select null, instance, state, status, failure from locked
