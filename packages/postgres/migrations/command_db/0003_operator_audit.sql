-- What operators did. The service role adds entries and reads them; nobody but the owner could change one.

-- Written before an action, so that one that was killed on the way has left its trace.
create table kiroku.operator_actions (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  operator text not null,
  verb text not null,
  arguments json not null,
  reason text,
  before json,
  correlation_id uuid not null
);

create index operator_actions_at_idx on kiroku.operator_actions (at desc, id desc);

-- Written after it, once.
create table kiroku.operator_outcomes (
  action uuid primary key references kiroku.operator_actions (id),
  at timestamptz not null default clock_timestamp(),
  succeeded boolean not null,
  after json,
  error text check ((error is not null) = (not succeeded))
);

create view kiroku.operator_audit with (security_invoker) as
select
  action.id,
  action.at,
  action.operator,
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

grant select, insert on kiroku.operator_actions, kiroku.operator_outcomes to kiroku_service, kiroku_maintenance;
grant select on kiroku.operator_audit to kiroku_service, kiroku_maintenance;
