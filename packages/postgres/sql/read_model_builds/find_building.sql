-- The build of a version that is being made, and by which job. Served by projection_builds_pkey.
select build, job from kiroku.projection_builds where projection = $1 and version = $2 and state = 'building'
