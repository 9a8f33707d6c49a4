-- Where both chains end. Served by command_audit_pkey and operator_chain_pkey.
(select 'commands' as chain, sequence, hash from kiroku.command_audit order by sequence desc limit 1)
union all
(select 'operators' as chain, sequence, hash from kiroku.operator_chain order by sequence desc limit 1)
