-- Makes the caller the only one that changes a consumer until its transaction ends, and tells whose turn it is. Served by consumers_pkey.
select epoch from kiroku.consumers where id = $1 for no key update
