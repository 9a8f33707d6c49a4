-- Of how many instances somebody has to see to the rest: those that have failed, and those under way with a parked command. Counts up to 1,000 of
-- each. Served by process_instances_ended_idx, outgoing_commands_due_idx and process_instances_pkey.
select
  (
    select count(*)
    from (
      select from kiroku.process_instances where status = 'failed' and ended_at is not null and pruned_at is null limit 1000
    ) as counted
  )::integer as failed,
  (
    select count(distinct (parked.process_manager, parked.instance))
    from (
      select process_manager, instance from kiroku.outgoing_commands where settled_at is null and due_at = 'infinity' limit 1000
    ) as parked
    join kiroku.process_instances as stored
      on stored.process_manager = parked.process_manager and stored.instance = parked.instance and stored.status = 'running'
  )::integer as stuck
