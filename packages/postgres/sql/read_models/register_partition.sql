-- Notes from which log a projection version is built, unless that is known already. Served by projection_partitions_pkey.
insert into kiroku.projection_partitions (projection, version, log_id, timeline)
values ($1, $2, $3, $4)
on conflict (projection, version, partition) do nothing
