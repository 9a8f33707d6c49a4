-- Sets free what lapsed more than a minute ago; a later epoch keeps the owner before from writing. Reads few rows.
with consumers as (
  update kiroku.consumers
  set owner = null, leased_until = null, epoch = epoch + 1
  where leased_until < clock_timestamp() - interval '1 minute'
)
update kiroku.process_partitions
set owner = null, leased_until = null, epoch = epoch + 1
where leased_until < clock_timestamp() - interval '1 minute'
