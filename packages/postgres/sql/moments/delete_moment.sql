-- Forgets a moment with its projections. Served by moments_pkey and moment_projections_pkey.
delete from kiroku.moments where name = $1
