-- The last $3 lines of an instance's history, of those before the number $4, if given; oldest first. Served by process_history_pkey, from its end.
select number, at, kind, what, reference
from (
  select number, at, kind, what, reference
  from kiroku.process_history
  where process_manager = $1 and instance = $2 and number < coalesce($4::bigint, 9223372036854775807)
  order by number desc
  limit $3
) as latest
order by number
