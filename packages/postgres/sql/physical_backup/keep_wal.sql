-- Keeps the write-ahead log from now on, as long as this connection lives.
select slot_name from pg_create_physical_replication_slot($1, immediately_reserve => true, temporary => true)
