-- Sets partitions free whose owner has not been heard of for a minute; a later epoch keeps it from writing. Reads few rows.
update kiroku.projection_partitions as part
set owner = null, epoch = part.epoch + 1
where part.owner is not null
  and not exists (
    select from kiroku.projection_instances as alive
    where alive.instance = part.owner and alive.alive_until > clock_timestamp() - interval '1 minute'
  )
