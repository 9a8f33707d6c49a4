-- Leaves a build to run $4 of its job: earlier ones cannot write it any more. Served by projection_builds_pkey.
update kiroku.projection_builds set epoch = $4 where projection = $1 and version = $2 and build = $3
