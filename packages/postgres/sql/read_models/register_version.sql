-- Registers a version of a projection. Served by projection_versions_pkey.
insert into kiroku.projection_versions (projection, version)
values ($1, $2)
on conflict (projection, version) do nothing
