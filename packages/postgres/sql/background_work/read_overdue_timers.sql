-- Of the process managers $1, for how long the timer has been due that became due first in the last $2 ms. Served by process_timers_due_idx,
-- from its lower bound: dead rows of the past are not visited.
select given.name, extract(epoch from statement_timestamp() - oldest.due_at)::double precision as "overdueSeconds"
from unnest($1::text[]) as given (name)
cross join lateral (
  select timer.due_at
  from kiroku.process_timers as timer
  where timer.process_manager = given.name
    and timer.due_at <= statement_timestamp()
    and timer.due_at >= statement_timestamp() - $2 * interval '1 millisecond'
  order by timer.due_at
  limit 1
) as oldest
