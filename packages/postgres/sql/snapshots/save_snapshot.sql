-- Keeps a state in place of the one before, and lets go of those of earlier state versions when a rollback to them is a week past. Served by snapshots_key.
with outdated as (
  delete from kiroku.snapshots
  where stream = $1 and aggregate = $2 and state_version < $3 and saved_at < clock_timestamp() - interval '7 days'
)
insert into kiroku.snapshots (stream, aggregate, state_version, version, event_id, state, checksum, saved_at)
values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
on conflict on constraint snapshots_key do update
set version = excluded.version, event_id = excluded.event_id, state = excluded.state, checksum = excluded.checksum, saved_at = excluded.saved_at
