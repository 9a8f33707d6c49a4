-- Loads instances that nobody is changing, and keeps others from changing them. Served by process_instances_pkey.
select instance, state, status, failure
from kiroku.process_instances
where process_manager = $1 and instance = any ($2::text[])
order by instance
for update skip locked
