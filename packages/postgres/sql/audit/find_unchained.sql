-- Entries of what operators did that are not in the chain, at most $1: written past its triggers. Served by operator_chain_action_part_key.
select acted.id::text || ' begin' as entry
from kiroku.operator_actions as acted
where not exists (select from kiroku.operator_chain as chained where chained.action = acted.id and chained.part = 'begin')
union all
select ended.action::text || ' end'
from kiroku.operator_outcomes as ended
where not exists (select from kiroku.operator_chain as chained where chained.action = ended.action and chained.part = 'end')
limit $1
