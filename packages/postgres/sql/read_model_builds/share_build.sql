-- Keeps a build in its state until the transaction ends, for several that write it side by side. Served by projection_builds_pkey.
select state, epoch from kiroku.projection_builds where projection = $1 and version = $2 and build = $3 for share
