-- Entries of the chain of what operators did after sequence $1, at most $2, with what their hashes cover, as JSON; null: what is chained is gone.
-- Served by operator_chain_pkey, operator_actions_pkey and operator_outcomes_pkey.
select chained.sequence, chained.action::text || ' ' || chained.part as entry, chained.previous_hash, chained.hash,
  case
    when acted.id is not null then json_build_array(
      'begin', acted.id::text, ((extract(epoch from acted.at) * 1000000)::bigint)::text, acted.operator, acted.source, acted.verb,
      acted.arguments::text, acted.reason, acted.before::text, acted.correlation_id::text
    )
    when ended.action is not null then json_build_array(
      'end', ended.action::text, ((extract(epoch from ended.at) * 1000000)::bigint)::text, ended.succeeded::text, ended.after::text, ended.error
    )
  end as fields
from kiroku.operator_chain as chained
left join kiroku.operator_actions as acted on acted.id = chained.action and chained.part = 'begin'
left join kiroku.operator_outcomes as ended on ended.action = chained.action and chained.part = 'end'
where chained.sequence > $1
order by chained.sequence
limit $2
