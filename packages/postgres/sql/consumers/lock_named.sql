-- Makes the caller the only one that changes a consumer until its transaction ends. Served by consumers_name_key.
select id from kiroku.consumers where name = $1 for no key update
