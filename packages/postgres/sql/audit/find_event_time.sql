-- When an event was recorded. Served by the primary key of events.
select recorded_at from kiroku.events where position = $1
