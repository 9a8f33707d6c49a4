-- What operators did, begun at sequences from $1 to $2 of the chain: by $3, of verb $4, of correlation $5, with outcome $6, from $7 to $8, each if
-- given; latest first, at most $9. Served by operator_chain_pkey, operator_actions_pkey and operator_outcomes_pkey.
select chained.sequence, audit.*
from kiroku.operator_chain as chained
join kiroku.operator_audit as audit on audit.id = chained.action
where chained.part = 'begin'
  and chained.sequence between $1 and $2
  and ($3::text is null or audit.operator = $3)
  and ($4::text is null or audit.verb = $4)
  and ($5::text is null or audit.correlation_id::text = $5)
  and ($6::text is null or case when audit.succeeded then 'done' when audit.succeeded is null then 'open' else 'failed' end = $6)
  and ($7::timestamptz is null or audit.at >= $7)
  and ($8::timestamptz is null or audit.at <= $8)
order by chained.sequence desc
limit $9
