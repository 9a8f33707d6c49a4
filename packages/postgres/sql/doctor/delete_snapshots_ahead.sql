-- Deletes snapshots whose last event does not stand in their stream: they are a cache. Reads the snapshots; events are served by (stream, version) of each
-- partition: `offset 0` keeps the planner from reading the log instead, which is larger.
delete from kiroku.snapshots as s
where not exists (select from kiroku.events as e where e.stream = s.stream and e.version = s.version and e.id = s.event_id offset 0)
