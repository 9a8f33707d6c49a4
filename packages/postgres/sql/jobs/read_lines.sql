-- The last $2 lines of a job's log, before the one of number $3, if given. Served by job_lines_pkey.
select number, at, text
from (
  select number, at, text
  from kiroku.job_lines
  where job = $1 and number < coalesce($3::bigint, 9223372036854775807)
  order by number desc
  limit $2
) as latest
order by number
