-- The last $3 jobs in the states $1 and of the verb $2, if given. Served by jobs_created_idx.
select *
from kiroku.job_status
where ($1::text[] is null or state = any ($1))
  and ($2::text is null or verb = $2)
order by created_at desc, id desc
limit $3
