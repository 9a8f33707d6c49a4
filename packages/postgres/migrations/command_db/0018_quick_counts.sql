-- What counts for people and at scrapes reads: entries of indexes instead of instances, of which there are as many as there have ever been.

-- How an instance that is done ended, so that its state need not be read. Null before that, and of those that a process of the previous release ends:
-- of these the state is. Those that were done before get the default without being written.
alter table kiroku.process_instances add column compensated boolean default false;
alter table kiroku.process_instances alter column compensated drop default;
update kiroku.process_instances set compensated = null where status <> 'done';
update kiroku.process_instances set compensated = true where status = 'done' and state ->> 'phase' = 'compensated';
create index process_instances_compensated_idx on kiroku.process_instances (compensated, process_manager)
where status = 'done' and compensated is not false;

-- Those under way, with their ids: whether an instance is one of them, and since when, is told without reading it.
create index process_instances_under_way_idx on kiroku.process_instances (process_manager, instance) include (started_at) where status = 'running';
drop index kiroku.process_instances_running_idx;

-- Whose commands are parked. A command that is settled or waits is not in it.
create index outgoing_commands_parked_idx on kiroku.outgoing_commands (process_manager, instance)
where settled_at is null and due_at = 'infinity';
