-- Where the event with an id stands. Served by events_id.
select position from kiroku.events where id = $1
