-- The last entry that was removed from the audit of commands. Served by command_audit_starts_pkey.
select sequence, hash from kiroku.command_audit_starts order by sequence desc limit 1
