-- Has those who share out partitions do it one after the other. Served by process_managers_pkey.
select name from kiroku.process_managers where name = any ($1::text[]) order by name for no key update
