-- Jobs are actions of the audit log, which says where an action came from. What has ended is removed in time.

alter table kiroku.operator_actions add column source text;

drop view kiroku.operator_audit;
create view kiroku.operator_audit with (security_invoker) as
select
  action.id,
  action.at,
  action.operator,
  action.source,
  action.verb,
  action.arguments,
  action.reason,
  action.before,
  action.correlation_id,
  outcome.at as ended_at,
  outcome.succeeded,
  outcome.after,
  outcome.error
from kiroku.operator_actions as action
left join kiroku.operator_outcomes as outcome on outcome.action = action.id;

grant select on kiroku.operator_audit to kiroku_service, kiroku_maintenance;

create index jobs_ended_idx on kiroku.jobs (ended_at) where ended_at is not null;
