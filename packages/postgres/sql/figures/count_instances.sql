-- Of the process managers $1: how many instances are under way, and how many of these have a parked command. Counts up to 100,000, and among
-- 10,000 parked commands. Served by process_instances_running_idx, outgoing_commands_due_idx and process_instances_pkey.
select
  given.name,
  (
    select count(*)
    from (
      select from kiroku.process_instances as under_way
      where under_way.process_manager = given.name and under_way.status = 'running'
      limit 100000
    ) as counted
  )::integer as open,
  coalesce(stuck.instances, 0)::integer as stuck
from unnest($1::text[]) as given (name)
left join (
  select parked.process_manager, count(distinct parked.instance) as instances
  from (
    select command.process_manager, command.instance
    from kiroku.outgoing_commands as command
    where command.settled_at is null and command.due_at = 'infinity'
    limit 10000
  ) as parked
  join kiroku.process_instances as stored
    on stored.process_manager = parked.process_manager and stored.instance = parked.instance and stored.status = 'running'
  group by parked.process_manager
) as stuck on stuck.process_manager = given.name
