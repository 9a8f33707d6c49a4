-- For people: how many instances of each process manager there are, and how they ended. Reads the table.
select
  stored.process_manager as "processManager",
  count(*) as started,
  count(*) filter (where stored.status = 'running') as running,
  count(*) filter (where stored.status = 'done' and stored.state ->> 'phase' is distinct from 'compensated') as completed,
  count(*) filter (where stored.status = 'done' and stored.state ->> 'phase' = 'compensated') as compensated,
  count(*) filter (where stored.status = 'failed') as failed,
  count(*) filter (where stored.status = 'running' and parked.instance is not null) as stuck,
  min(stored.started_at) filter (where stored.status = 'running') as "oldestRunning"
from kiroku.process_instances as stored
left join (
  select distinct process_manager, instance from kiroku.outgoing_commands where settled_at is null and due_at = 'infinity'
) as parked on parked.process_manager = stored.process_manager and parked.instance = stored.instance
group by stored.process_manager
order by stored.process_manager
