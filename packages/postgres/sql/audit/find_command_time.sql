-- When an entry was recorded. Served by command_audit_pkey.
select recorded_at from kiroku.command_audit where sequence = $1
