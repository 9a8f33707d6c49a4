-- The hash of an entry of the chain $1 at sequence $2, or of one that was removed last. Served by the primary keys.
select hash from kiroku.command_audit where $1 = 'commands' and sequence = $2
union all
select hash from kiroku.command_audit_starts where $1 = 'commands' and sequence = $2
union all
select hash from kiroku.operator_chain where $1 = 'operators' and sequence = $2
