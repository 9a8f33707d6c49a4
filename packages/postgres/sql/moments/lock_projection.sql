-- Leaves a projection of a moment to the run that builds it, until the transaction ends. Served by moment_projections_pkey.
select job, epoch
from kiroku.moment_projections
where moment = $1 and projection = $2 and version = $3
for no key update
