-- What is counted at every scrape, and listed for people: instances under way, of which there are few, among all that have ever been. An instance
-- enters it once and leaves it once; changes of its state do not touch it.
create index process_instances_running_idx on kiroku.process_instances (process_manager) where status = 'running';
