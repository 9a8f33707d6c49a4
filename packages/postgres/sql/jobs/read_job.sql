-- A job and its last report. Served by jobs_pkey and job_reports_pkey.
select *, state = 'running' and leased_until >= clock_timestamp() as owned from kiroku.job_status where id = $1
