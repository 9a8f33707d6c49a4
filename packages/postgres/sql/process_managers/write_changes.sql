-- Writes what instances of a process manager ($1) have become, with their history, commands, timers, the outcomes of commands and the checkpoints
-- of partitions ($2), each moved from its $3 to $4; nothing at all if one of these is elsewhere, which it tells. The first $5 commands that are new
-- are claimed for $6 ms. Served by the primary keys of the tables, and outgoing_commands_due_idx.
with moved as materialized (
  select partition, after from unnest($2::integer[], $3::bigint[]) as given (partition, after)
),
checkpoint as materialized (
  select coalesce(bool_and(
    coalesce((
      select position from kiroku.advances where process_manager = $1 and partition = moved.partition order by position desc limit 1
    ), 0) = moved.after
  ), true) as holds
  from moved
),
written as (
  insert into kiroku.process_instances as stored (process_manager, instance, state, status, failure, ended_at, compensated)
  select
    $1,
    instance.id,
    instance.state,
    instance.status,
    instance.failure,
    case when instance.status <> 'running' then clock_timestamp() end,
    case when instance.status = 'done' then coalesce(instance.state ->> 'phase' = 'compensated', false) end
  from json_to_recordset($7::json) as instance (id text, state jsonb, status text, failure text)
  where (select holds from checkpoint)
  on conflict (process_manager, instance) do update
  set
    state = excluded.state,
    status = excluded.status,
    failure = excluded.failure,
    compensated = excluded.compensated,
    updated_at = clock_timestamp(),
    -- what comes after its history was removed is kept as long again
    ended_at = case when stored.status = excluded.status and stored.pruned_at is null then stored.ended_at else excluded.ended_at end,
    pruned_at = null
),
sent as (
  insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, label, due_at, attempts)
  select
    command.id,
    command."processManager",
    command.instance,
    command.type,
    command.data,
    command.metadata,
    command.label,
    clock_timestamp() + case when command.ordinal <= $5::integer then $6::double precision else 0 end * interval '1 millisecond',
    (command.ordinal <= $5)::integer
  from rows from (
    json_to_recordset($8::json) as (id uuid, "processManager" text, instance text, type text, data jsonb, metadata jsonb, label text)
  ) with ordinality as command (id, "processManager", instance, type, data, metadata, label, ordinal)
  where (select holds from checkpoint)
  order by command.ordinal
  on conflict (id) do nothing
  returning id, attempts
),
told as (
  insert into kiroku.process_history (process_manager, instance, kind, what, reference)
  select $1, step.instance, step.kind, step.what, step.reference
  from rows from (
    json_to_recordset($9::json) as (instance text, kind text, what text, reference text)
  ) with ordinality as step (instance, kind, what, reference, ordinal)
  where (select holds from checkpoint)
  order by step.ordinal
),
cancelled as (
  delete from kiroku.process_timers as timer
  using unnest($10::text[], $11::text[]) as named (instance, name)
  where timer.process_manager = $1 and timer.instance = named.instance and timer.name = named.name and (select holds from checkpoint)
),
ended as (
  delete from kiroku.process_timers where process_manager = $1 and instance = any ($12::text[]) and (select holds from checkpoint)
),
set_anew as (
  insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
  select
    $1,
    timer.instance,
    timer.name,
    timer.id,
    coalesce(timer."dueAt", clock_timestamp() + timer."dueInMs" * interval '1 millisecond'),
    timer.metadata
  from json_to_recordset($13::json) as timer (
    instance text, name text, id uuid, "dueAt" timestamptz, "dueInMs" double precision, metadata jsonb
  )
  where (select holds from checkpoint)
  on conflict (process_manager, instance, name) do update
  set id = excluded.id, due_at = excluded.due_at, metadata = excluded.metadata
),
settlement as materialized (
  select id, outcome from json_to_recordset($14::json) as given (id uuid, outcome jsonb) where (select holds from checkpoint)
),
settled as (
  update kiroku.outgoing_commands as command
  set outcome = settlement.outcome, settled_at = clock_timestamp(), last_error = null
  from settlement
  where command.id = any (array(select id from settlement)) and command.id = settlement.id -- of no others is anything read
),
advanced as (
  insert into kiroku.advances (process_manager, partition, position)
  select $1, partition, $4::bigint from moved where (select holds from checkpoint)
)
select holds, array(select id from sent where attempts > 0) as claimed from checkpoint
