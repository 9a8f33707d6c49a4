-- Loads an instance and keeps others from changing it. Served by process_instances_pkey.
select instance, state, status, failure from kiroku.process_instances where process_manager = $1 and instance = $2 for update
