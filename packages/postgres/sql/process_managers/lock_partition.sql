-- Makes the caller the only one that advances a partition until its transaction ends, and tells whose turn it is. Served by process_partitions_pkey.
select epoch from kiroku.process_partitions where process_manager = $1 and partition = $2 for no key update
