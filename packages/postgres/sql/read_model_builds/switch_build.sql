-- Makes build $3 the one that is read; nothing if it is already. Served by projection_versions_pkey.
update kiroku.projection_versions
set previous_build = active_build, active_build = $3, switched_at = clock_timestamp()
where projection = $1 and version = $2 and active_build is distinct from $3
