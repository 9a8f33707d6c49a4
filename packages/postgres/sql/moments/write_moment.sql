-- Registers a moment, unless it is. Served by moments_pkey.
insert into kiroku.moments (name, position, recorded_at, log_id, timeline) values ($1, $2, $3, $4, $5) on conflict (name) do nothing
