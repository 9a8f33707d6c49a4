-- An instance's history, oldest first. Served by process_history_pkey.
select at, kind, what, reference
from kiroku.process_history
where process_manager = $1 and instance = $2
order by number
