-- Partitions of projections whose owner has not been heard of for a minute. Reads few rows.
select part.projection || ' version ' || part.version || ', build ' || part.build || ', partition ' || part.partition as what, part.owner
from kiroku.projection_partitions as part
where part.owner is not null
  and not exists (
    select from kiroku.projection_instances as alive
    where alive.instance = part.owner and alive.alive_until > clock_timestamp() - interval '1 minute'
  )
order by 1
