-- The last $2 lines of a job's log. Served by job_lines_pkey.
select at, text
from (select number, at, text from kiroku.job_lines where job = $1 order by number desc limit $2) as latest
order by number
