-- For people: the latest instances, of one process manager or all ($1), in one status or all ($2; `stuck` is running with a parked command), that
-- moved before $4, if given, or then and stand after that of the process manager $5 with the id $6, if given: at most $3. An instance that has ended
-- moved when it did. Served by process_instances_under_way_idx, all of which it sorts, process_instances_ended_at_idx, from its end (those of one
-- moment are sorted), outgoing_commands_parked_idx and outgoing_commands_instance_idx. The stuck ones are a part of their own: with an `or` before it
-- the list of parked commands is no join, and is gone through for each instance once it is larger than work_mem.
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
  ) as parked,
  case when stored.status = 'running' then (
    select command.last_error
    from kiroku.outgoing_commands as command
    where command.process_manager = stored.process_manager
      and command.instance = stored.instance
      and command.settled_at is null
      and command.last_error is not null
    order by command.number desc
    limit 1
  ) end as "lastError"
from (
  select latest.process_manager, latest.instance, latest.moved_at
  from kiroku.process_managers as known
  cross join lateral (
    (
      select under_way.process_manager, under_way.instance, under_way.updated_at as moved_at
      from kiroku.process_instances as under_way
      where under_way.process_manager = known.name
        and under_way.status = 'running'
        and ($2::text is null or $2 = 'running')
        and (under_way.updated_at, under_way.process_manager, under_way.instance)
          < (coalesce($4::timestamptz, 'infinity'), coalesce($5::text, ''), coalesce($6::text, ''))
      order by under_way.updated_at desc, under_way.instance desc
      limit $3
    )
    union all
    (
      select under_way.process_manager, under_way.instance, under_way.updated_at
      from kiroku.process_instances as under_way
      where under_way.process_manager = known.name
        and under_way.status = 'running'
        and $2::text = 'stuck'
        and (under_way.updated_at, under_way.process_manager, under_way.instance)
          < (coalesce($4::timestamptz, 'infinity'), coalesce($5::text, ''), coalesce($6::text, ''))
        and under_way.instance in (
          select instance from kiroku.outgoing_commands where settled_at is null and due_at = 'infinity' and process_manager = known.name
        )
      order by under_way.updated_at desc, under_way.instance desc
      limit $3
    )
    union all
    (
      select stopped.process_manager, stopped.instance, stopped.moved_at
      from (values ('done'), ('failed')) as wanted (status)
      cross join lateral (
        select ended.process_manager, ended.instance, ended.ended_at as moved_at
        from kiroku.process_instances as ended
        where ended.process_manager = known.name
          and ended.status = wanted.status
          and ended.ended_at <= coalesce($4::timestamptz, 'infinity')
          and (ended.ended_at, ended.process_manager, ended.instance)
            < (coalesce($4::timestamptz, 'infinity'), coalesce($5::text, ''), coalesce($6::text, ''))
        order by ended.ended_at desc, ended.instance desc
        limit $3
      ) as stopped
      where $2::text is null or $2 = wanted.status
    )
  ) as latest
  where $1::text is null or known.name = $1
  order by latest.moved_at desc, latest.process_manager desc, latest.instance desc
  limit $3
) as latest
join kiroku.process_instances as stored on stored.process_manager = latest.process_manager and stored.instance = latest.instance
order by latest.moved_at desc, latest.process_manager desc, latest.instance desc
