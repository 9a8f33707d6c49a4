-- Registers a projection; its active version is the newest that was ever prepared. Served by projections_pkey.
insert into kiroku.projections (name, active_version)
values ($1, $2)
on conflict (name) do update set active_version = excluded.active_version
where projections.active_version < excluded.active_version
