-- Sets the partitions of a process manager ($1) that are beyond position $2 back to it. Served by advances_pkey.
with beyond as (
  delete from kiroku.advances where process_manager = $1 and position > $2 returning partition
)
insert into kiroku.advances (process_manager, partition, position)
select distinct $1, partition, $2::bigint from beyond
on conflict (process_manager, partition, position) do nothing
