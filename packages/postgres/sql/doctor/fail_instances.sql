-- Has instances ($2) of a process manager ($1) wait for an operator, because of $3: their commands that are on the way are kept back until they are
-- retried, their timers do not fire. Locked in the order in which lock_turn does: commands by their ids, and then instances. Served by the primary
-- keys and outgoing_commands_instance_idx.
with open as materialized (
  select id
  from kiroku.outgoing_commands
  where process_manager = $1 and instance = any ($2::text[]) and settled_at is null
  order by id
  for update
),
lost as materialized (
  select instance
  from kiroku.process_instances
  where process_manager = $1 and instance = any ($2::text[]) and (select count(*) from open) >= 0 -- which has them locked before
  order by instance
  for update
),
failed as (
  update kiroku.process_instances
  set status = 'failed', failure = $3, updated_at = clock_timestamp(), ended_at = clock_timestamp(), pruned_at = null
  where process_manager = $1 and instance = any (array(select instance from lost))
  returning instance
),
withdrawn as (
  update kiroku.outgoing_commands
  set due_at = 'infinity', last_error = $3
  where id = any (array(select id from open))
),
cancelled as (
  delete from kiroku.process_timers where process_manager = $1 and instance = any ($2::text[])
)
insert into kiroku.process_history (process_manager, instance, kind, what)
select $1, instance, 'failed', $3 from failed order by instance
