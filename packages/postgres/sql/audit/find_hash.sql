-- The hash of an entry of the chain $1 at sequence $2. Served by command_audit_pkey and operator_chain_pkey.
select hash from kiroku.command_audit where $1 = 'commands' and sequence = $2
union all
select hash from kiroku.operator_chain where $1 = 'operators' and sequence = $2
