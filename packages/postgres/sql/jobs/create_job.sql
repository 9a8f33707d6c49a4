-- Adds a job; with an owner ($6) it is running already, leased for $7 ms.
insert into kiroku.jobs (id, verb, arguments, created_by, reason, requires, state, owner, epoch, leased_until, started_at)
select
  $1, $2, $3::json, $4, $5, coalesce($8::text[], '{}'),
  case when $6::text is null then 'queued' else 'running' end,
  $6::text,
  case when $6::text is null then 0 else 1 end,
  case when $6::text is null then null else clock_timestamp() + $7 * interval '1 millisecond' end,
  case when $6::text is null then null else clock_timestamp() end
