-- Adds a job; with an owner ($6) it is running already, leased for $7 ms. It is an action of the audit log, too, from the source $9. One of
-- that id may be there: of a job that was removed long after its end.
with action as (
  insert into kiroku.operator_actions (id, operator, source, verb, arguments, reason, correlation_id)
  values ($1, $4, $9, $2, $3::json, $5, $1)
  on conflict (id) do nothing
)
insert into kiroku.jobs (id, verb, arguments, created_by, reason, requires, state, owner, epoch, leased_until, started_at)
select
  $1, $2, $3::json, $4, $5, coalesce($8::text[], '{}'),
  case when $6::text is null then 'queued' else 'running' end,
  $6::text,
  case when $6::text is null then 0 else 1 end,
  case when $6::text is null then null else clock_timestamp() + $7 * interval '1 millisecond' end,
  case when $6::text is null then null else clock_timestamp() end
