-- For people: the instances of this id ($1), of the process manager $2 or of any, as they are. Served by process_instances_pkey, once for each process
-- manager.
select
  stored.process_manager as "processManager",
  stored.instance as id,
  stored.status,
  stored.failure,
  stored.state,
  stored.started_at as "startedAt",
  stored.updated_at as "updatedAt",
  stored.ended_at as "endedAt"
from kiroku.process_managers as known
join kiroku.process_instances as stored on stored.process_manager = known.name and stored.instance = $1
where $2::text is null or known.name = $2
order by stored.process_manager
