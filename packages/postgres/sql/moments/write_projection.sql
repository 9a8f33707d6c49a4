-- Registers that run $6 of the job $5 builds a projection of a moment: nobody else can write it any more. Served by moment_projections_pkey.
insert into kiroku.moment_projections (moment, projection, version, schema_name, job, epoch)
values ($1, $2, $3, $4, $5, $6)
on conflict (moment, projection, version) do update set job = excluded.job, epoch = excluded.epoch, built_at = null, parked_keys = 0
