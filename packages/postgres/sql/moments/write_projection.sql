-- Registers that a projection of a moment is being built. Served by moment_projections_pkey.
insert into kiroku.moment_projections (moment, projection, version, schema_name, job)
values ($1, $2, $3, $4, $5)
on conflict (moment, projection, version) do update set job = excluded.job, built_at = null, parked_keys = 0
