-- Adds to the history of a process manager's instances, in this order. Served by process_history_pkey.
insert into kiroku.process_history (process_manager, instance, kind, what, reference)
select $1, step.instance, step.kind, step.what, step.reference
from rows from (
  json_to_recordset($2::json) as (instance text, kind text, what text, reference text)
) with ordinality as step (instance, kind, what, reference, ordinal)
order by step.ordinal
