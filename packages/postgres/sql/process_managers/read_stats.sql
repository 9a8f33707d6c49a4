-- For people: how many instances of each process manager there are, and how they ended. Reads the table once, and of a state only the phase in which
-- it ended; those under way are served by process_instances_running_idx, parked commands by outgoing_commands_due_idx.
select
  counted.process_manager as "processManager",
  sum(counted.instances)::bigint as started,
  coalesce(sum(counted.instances) filter (where counted.status = 'running'), 0)::bigint as running,
  coalesce(sum(counted.instances) filter (where counted.status = 'done' and not counted.compensated), 0)::bigint as completed,
  coalesce(sum(counted.instances) filter (where counted.status = 'done' and counted.compensated), 0)::bigint as compensated,
  coalesce(sum(counted.instances) filter (where counted.status = 'failed'), 0)::bigint as failed,
  (
    select count(*)
    from kiroku.process_instances as stored
    where stored.process_manager = counted.process_manager
      and stored.status = 'running'
      and (stored.process_manager, stored.instance) in (
        select process_manager, instance from kiroku.outgoing_commands where settled_at is null and due_at = 'infinity'
      )
  ) as stuck,
  min(counted.oldest) filter (where counted.status = 'running') as "oldestRunning"
from (
  select
    process_manager,
    status,
    coalesce(case when status = 'done' then state ->> 'phase' = 'compensated' end, false) as compensated,
    count(*) as instances,
    min(started_at) as oldest
  from kiroku.process_instances
  group by 1, 2, 3
) as counted
group by counted.process_manager
order by counted.process_manager
