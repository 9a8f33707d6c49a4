-- Takes up to $2 timers that became due in the last $3 ms, those that are due longest first, with their instances. Finds the timers without
-- locking, locks their instances as every other change does, and takes those that have not been set anew, cancelled or taken since; instances
-- that somebody is changing keep theirs for the next look. Served by process_timers_due_idx, from its lower bound (dead rows of the past are
-- not visited), process_instances_pkey and process_timers_pkey.
with due as materialized (
  select id, instance, name
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
  using due
  where timer.process_manager = $1
    and timer.instance = due.instance
    and timer.name = due.name
    and timer.id = due.id
    and timer.instance = any (array(select instance from locked))
  returning timer.id, timer.instance, timer.name, timer.due_at, timer.metadata
)
select
  taken.id,
  taken.name,
  taken.due_at,
  taken.metadata,
  statement_timestamp() as at,
  locked.instance,
  locked.state,
  locked.status,
  locked.failure
from taken
join locked on locked.instance = taken.instance
order by taken.due_at
