-- Takes due timers with their instances: of the instances of the up to $2 timers that became due in the last $3 ms, longest due first, all that
-- are due. Finds them without locking, locks their instances as every other change does, and looks again at their timers: what was set anew,
-- cancelled or taken since is not due any more. Instances that somebody is changing keep theirs for the next look. Served by
-- process_timers_due_idx, from its lower bound (dead rows of the past are not visited), process_instances_pkey and process_timers_pkey. Nothing
-- is joined that could be joined row by row with all others: the planner cannot know how many there are.
with due as materialized (
  select instance
  from kiroku.process_timers
  where process_manager = $1
    and due_at <= statement_timestamp()
    and due_at >= statement_timestamp() - $3 * interval '1 millisecond'
    and ($4 = 1 or abs(hashtext(instance)::bigint) % $4 = $5)
  order by due_at
  limit $2
),
locked as materialized (
  select instance, state, status, failure
  from kiroku.process_instances
  where process_manager = $1 and instance = any (array(select instance from due))
  order by instance
  for update skip locked
),
taken as (
  delete from kiroku.process_timers as timer
  using locked
  where timer.process_manager = $1 and timer.instance = locked.instance and timer.due_at <= statement_timestamp()
  returning timer.id, timer.name, timer.due_at, timer.metadata, locked.instance, locked.state, locked.status, locked.failure
)
select id, name, due_at, metadata, statement_timestamp() as at, instance, state, status, failure from taken order by due_at
