-- For lists of the latest instances: those that ended, also long ago. Of those under way there are few (process_instances_running_idx). No change of
-- a state touches it.
create index process_instances_ended_at_idx on kiroku.process_instances (process_manager, status, ended_at) where ended_at is not null;
