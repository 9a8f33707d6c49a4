-- Of how many instances somebody has to see to the rest: those that have failed, and those under way with a parked command. Counts up to 1,000 of
-- each, among the latest 10,000 parked commands: those of instances that have ended may be more, and are older. Served by
-- process_instances_ended_idx, outgoing_commands_due_idx, from its end, and process_instances_under_way_idx, which has all that is asked for.
select
  (
    select count(*)
    from (
      select from kiroku.process_instances where status = 'failed' and ended_at is not null and pruned_at is null limit 1000
    ) as counted
  )::integer as failed,
  (
    select count(distinct (stuck.process_manager, stuck.instance))
    from (
      select parked.process_manager, parked.instance
      from (
        select process_manager, instance
        from kiroku.outgoing_commands
        where settled_at is null and due_at = 'infinity'
        order by due_at desc, number desc
        limit 10000
      ) as parked
      where exists (
        select from kiroku.process_instances as stored
        where stored.process_manager = parked.process_manager and stored.instance = parked.instance and stored.status = 'running'
        offset 0
      )
      limit 1000
    ) as stuck
  )::integer as stuck
