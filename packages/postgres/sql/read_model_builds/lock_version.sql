-- Keeps others from switching or retiring builds of a version until the transaction ends. Served by projection_versions_pkey.
select active_build, previous_build from kiroku.projection_versions where projection = $1 and version = $2 for update
