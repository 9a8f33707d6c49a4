-- When the entry of an action was written. Served by operator_chain_pkey, operator_actions_pkey and operator_outcomes_pkey.
select coalesce(acted.at, ended.at) as recorded_at
from kiroku.operator_chain as chained
left join kiroku.operator_actions as acted on acted.id = chained.action and chained.part = 'begin'
left join kiroku.operator_outcomes as ended on ended.action = chained.action and chained.part = 'end'
where chained.sequence = $1
