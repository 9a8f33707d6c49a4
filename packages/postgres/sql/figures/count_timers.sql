-- Of the process managers $1: how many timers are set (up to 100,000), how many of them are overdue (up to 10,000), and for how long the first.
-- Served by process_timers_due_idx.
select
  given.name,
  (
    select count(*) from (select from kiroku.process_timers as timer where timer.process_manager = given.name limit 100000) as counted
  )::integer as waiting,
  overdue.timers as overdue,
  coalesce(extract(epoch from statement_timestamp() - overdue.since), 0)::double precision as "overdueSeconds"
from unnest($1::text[]) as given (name)
cross join lateral (
  select count(*)::integer as timers, min(counted.due_at) as since
  from (
    select timer.due_at
    from kiroku.process_timers as timer
    where timer.process_manager = given.name and timer.due_at <= statement_timestamp()
    order by timer.due_at
    limit 10000
  ) as counted
) as overdue
