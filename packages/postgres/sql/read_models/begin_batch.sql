-- Makes the caller the only one that writes a partition of a build until its transaction ends, and says where it is. Served by
-- projection_partitions_pkey, advances_pkey and parked_keys_pkey.
select log_id, timeline, epoch, "position", any_parked as "anyParked" from kiroku.begin_batch($1, $2, $3, $4::smallint)
