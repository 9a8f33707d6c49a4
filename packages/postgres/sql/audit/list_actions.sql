-- The last $4 actions, of operator $1, of verb $2, since $3, before the one with the id $6 of the time $5, each if given. Served by operator_actions_at_idx.
select *
from kiroku.operator_audit
where ($1::text is null or operator = $1)
  and ($2::text is null or verb = $2)
  and ($3::timestamptz is null or at >= $3)
  and (at, id) < (coalesce($5::timestamptz, 'infinity'), coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
order by at desc, id desc
limit $4
