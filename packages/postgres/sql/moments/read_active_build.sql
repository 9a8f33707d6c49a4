-- Which build of a projection version queries read. Served by projection_versions_pkey.
select active_build as build from kiroku.projection_versions where projection = $1 and version = $2 and active_build is not null
