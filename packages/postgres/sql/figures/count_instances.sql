-- Of the process managers $1: how many instances are under way, and how many of these have a parked command. Counts up to 100,000, and among the
-- latest 10,000 parked commands: those of instances that have ended may be more, and are older. Served by process_instances_running_idx,
-- outgoing_commands_due_idx, from its end, and process_instances_pkey; the subquery keeps the planner from reading all that are under way instead.
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
    order by command.due_at desc, command.number desc
    limit 10000
  ) as parked
  where (
    select stored.status from kiroku.process_instances as stored
    where stored.process_manager = parked.process_manager and stored.instance = parked.instance
  ) = 'running'
  group by parked.process_manager
) as stuck on stuck.process_manager = given.name
