-- Of the process managers $1: how far the slowest partition is and when it last moved, how many partitions nobody holds, since when the first of
-- their leases is over, and how many processes could take them. Served by the primary keys, with a probe for each partition.
select
  known.name,
  min(part.position) as position,
  extract(epoch from statement_timestamp() - (array_agg(part.updated_at order by part.position))[1])::double precision as "restedSeconds",
  count(*)::integer as partitions,
  count(*) filter (where part.owner is null)::integer as unheld,
  extract(epoch from statement_timestamp() - min(lease.leased_until) filter (where part.owner is null))::double precision as "lapsedSeconds",
  (
    select count(*)
    from kiroku.process_attendance as present
    where present.process_manager = known.name and present.alive_until > statement_timestamp()
  )::integer as attending
from kiroku.process_managers as known
join kiroku.checkpoints as part on part.process_manager = known.name
join kiroku.process_partitions as lease on lease.process_manager = part.process_manager and lease.partition = part.partition
where known.name = any ($1::text[])
group by known.name
