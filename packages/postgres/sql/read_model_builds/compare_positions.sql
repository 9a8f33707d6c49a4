-- Is every partition of build $3 at least where the furthest of build $4 is, in the same log? Served by projection_partitions_pkey and advances_pkey.
with there as (
  select log_id, timeline, max(position) as position
  from kiroku.checkpoints where projection = $1 and version = $2 and build = $4
  group by log_id, timeline
)
select coalesce(min(here.position), 0) as behind, coalesce(max(there.position), 0) as ahead
from kiroku.checkpoints as here
left join there on there.log_id = here.log_id and there.timeline = here.timeline
where here.projection = $1 and here.version = $2 and here.build = $3
