-- The last $3 jobs in the states $1 and of the verb $2, if given, before the one with the id $5 of the time $4, if given. Served by jobs_created_idx.
select *
from kiroku.job_status
where ($1::text[] is null or state = any ($1))
  and ($2::text is null or verb = $2)
  and (created_at, id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
order by created_at desc, id desc
limit $3
