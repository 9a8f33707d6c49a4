-- Keeps a job as it is until the transaction ends. Served by jobs_pkey.
select from kiroku.jobs where id = $1 for update
