-- Creates the next partition of events. No index: it makes them.
select created_first, created_last from kiroku.create_event_partition()
