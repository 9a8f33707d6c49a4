-- Gives up all that the process $1 holds. Few rows; served by the primary keys.
with gone as (
  delete from kiroku.consumer_attendance where instance = $1
)
update kiroku.consumers set owner = null, leased_until = null where owner = $1
