-- For people: the latest instances, of one process manager or all ($1), in one status or all ($2); `stuck` is running with a parked command. Reads
-- the table; failed ones are served by process_instances_ended_idx, stuck ones by outgoing_commands_due_idx.
select
  stored.process_manager as "processManager",
  stored.instance as id,
  stored.status,
  stored.failure,
  stored.state ->> 'phase' as phase,
  stored.state ->> 'step' as step,
  nullif(stored.state ->> 'reason', '') as reason,
  stored.started_at as "startedAt",
  stored.updated_at as "updatedAt",
  stored.ended_at as "endedAt",
  (
    select count(*)
    from kiroku.outgoing_commands as command
    where command.process_manager = stored.process_manager
      and command.instance = stored.instance
      and command.settled_at is null
      and command.due_at = 'infinity'
  ) as parked
from kiroku.process_instances as stored
where ($1::text is null or stored.process_manager = $1)
  and ($2::text is null or stored.status = case when $2 = 'stuck' then 'running' else $2 end)
  and (
    $2::text is distinct from 'stuck'
    or (stored.process_manager, stored.instance) in (
      select process_manager, instance from kiroku.outgoing_commands where settled_at is null and due_at = 'infinity'
    )
  )
order by stored.updated_at desc
limit $3
