-- Up to $2 timers that became due in the last $3 ms, those that are due longest first. Served by process_timers_due_idx, from its lower bound:
-- dead rows of the past are not visited.
select id, instance, name, due_at, metadata, statement_timestamp() as at
from kiroku.process_timers
where process_manager = $1
  and due_at <= statement_timestamp()
  and due_at >= statement_timestamp() - $3 * interval '1 millisecond'
order by due_at
limit $2
