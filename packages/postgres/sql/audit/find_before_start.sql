-- Entries of the audit of commands up to $1, where there are none any more; at most $2. Served by command_audit_pkey.
select sequence, id::text as entry from kiroku.command_audit where sequence <= $1 order by sequence limit $2
