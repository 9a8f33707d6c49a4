-- Forgets what verifications of a build went on from. Served by verified_rows_pkey.
delete from kiroku.verified_rows where projection = $1 and version = $2 and build = $3
