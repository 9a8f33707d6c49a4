-- What was asked of the owner with the epoch $2; no row if its lease is outdated. Served by jobs_pkey.
select requested from kiroku.jobs where id = $1 and epoch = $2 and state = 'running'
