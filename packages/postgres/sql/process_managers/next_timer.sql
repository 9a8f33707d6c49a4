-- Milliseconds until the next timer is due. Served by process_timers_due_idx, from its lower bound $2 ms ago.
select greatest(0, extract(epoch from due_at - statement_timestamp()) * 1000)::double precision as "nextInMs"
from kiroku.process_timers
where process_manager = $1 and due_at >= statement_timestamp() - $2 * interval '1 millisecond'
order by due_at
limit 1
