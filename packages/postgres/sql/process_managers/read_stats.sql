-- For people: how many instances of each process manager there are, and how they ended. Reads entries of process_instances_ended_at_idx,
-- process_instances_under_way_idx, process_instances_compensated_idx (whose condition is repeated: it is not concluded) and
-- outgoing_commands_parked_idx; states only of those that a process of an earlier release ended.
select
  counted.process_manager as "processManager",
  sum(counted.ended + counted.running)::bigint as started,
  sum(counted.running)::bigint as running,
  (sum(counted.ended) - sum(counted.failed) - sum(counted.compensated))::bigint as completed,
  sum(counted.compensated)::bigint as compensated,
  sum(counted.failed)::bigint as failed,
  sum(counted.stuck)::bigint as stuck,
  min(counted.oldest) as "oldestRunning"
from (
  select process_manager, count(*) as ended, count(*) filter (where status = 'failed') as failed, 0 as compensated, 0 as running, 0 as stuck, null::timestamptz as oldest
  from kiroku.process_instances
  where ended_at is not null
  group by process_manager
  union all
  select process_manager, 0, 0, count(*), 0, 0, null
  from kiroku.process_instances
  where status = 'done' and compensated is not false and compensated
  group by process_manager
  union all
  select process_manager, 0, 0, count(*), 0, 0, null
  from kiroku.process_instances
  where status = 'done' and compensated is not false and compensated is null and state ->> 'phase' = 'compensated'
  group by process_manager
  union all
  select process_manager, 0, 0, 0, count(*), 0, min(started_at)
  from kiroku.process_instances
  where status = 'running'
  group by process_manager
  union all
  select stored.process_manager, 0, 0, 0, 0, count(*), null
  from kiroku.process_instances as stored
  where stored.status = 'running'
    and exists (
      select from kiroku.outgoing_commands as parked
      where parked.process_manager = stored.process_manager
        and parked.instance = stored.instance
        and parked.settled_at is null
        and parked.due_at = 'infinity'
    )
  group by stored.process_manager
) as counted
group by counted.process_manager
order by counted.process_manager
