-- Says that a projection of a moment is built. Served by moment_projections_pkey.
update kiroku.moment_projections
set built_at = clock_timestamp(), parked_keys = $4
where moment = $1 and projection = $2 and version = $3
