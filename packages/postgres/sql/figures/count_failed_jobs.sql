-- How many jobs have failed within the last day, and are failed still; up to 10,000. Served by jobs_ended_idx.
select count(*)::integer as jobs
from (
  select from kiroku.jobs as job where job.ended_at > statement_timestamp() - interval '1 day' and job.state = 'failed' limit 10000
) as counted
