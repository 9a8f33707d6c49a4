-- Gives up all that the process $1 holds, locked in the order in which lock_turn does. Both tables have a few rows; served by their primary keys.
with gone as (
  delete from kiroku.process_attendance where instance = $1
),
held as materialized (
  select process_manager, partition from kiroku.process_partitions where owner = $1 order by process_manager, partition for no key update
)
update kiroku.process_partitions as part
set owner = null, leased_until = null
from held
where part.process_manager = held.process_manager and part.partition = held.partition
