-- The events that instances of a process manager ($1) have taken in, of those that changed since $2, after the one of instance $3 and number $4;
-- at most $5. Reads the instances; their histories are served by process_history_pkey.
select step.instance, step.number, step.reference as id
from kiroku.process_instances as stored
join kiroku.process_history as step on step.process_manager = stored.process_manager and step.instance = stored.instance
where stored.process_manager = $1
  and stored.updated_at >= $2::timestamptz
  and step.kind = 'event'
  and step.reference is not null
  and (step.instance, step.number) > ($3, $4::bigint)
order by step.instance, step.number
limit $5
