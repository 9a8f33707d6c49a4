-- Makes the caller the only one that advances a process manager until its transaction ends. Served by process_managers_pkey.
select name from kiroku.process_managers where name = $1 for no key update
