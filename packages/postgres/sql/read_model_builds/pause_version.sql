-- Stops ($3) or lets go on all who follow a version; no row if it is not known. Served by projection_versions_pkey.
update kiroku.projection_versions
set paused_at = case when $3 then coalesce(paused_at, clock_timestamp()) end
where projection = $1 and version = $2
returning version
