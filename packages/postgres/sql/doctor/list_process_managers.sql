-- Every process manager with the log it follows and where its partitions are. Served by the primary keys; there are few rows.
select process_manager as name, log_id as "logId", timeline, array_agg(partition order by partition) as partitions, array_agg(position order by partition) as positions
from kiroku.checkpoints
group by process_manager, log_id, timeline
order by process_manager
