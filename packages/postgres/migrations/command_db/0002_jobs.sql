-- Jobs: long operations that are paused, resumed and taken over. Their documents are json, not jsonb: nothing searches them, and json can hold \u0000.

-- Updated a few times in its life: when it is taken, asked for something, and ended.
create table kiroku.jobs (
  id uuid primary key,
  verb text not null,
  arguments json not null,
  created_by text not null,
  reason text,
  state text not null check (state in ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
  requested text check (requested is null or (requested in ('pause', 'cancel') and state = 'running')),
  owner text check (owner is not null or state <> 'running'),
  -- a later owner has a greater one
  epoch integer not null default 0,
  -- as of the claim; later ends are in job_reports
  leased_until timestamptz check (leased_until is not null or state <> 'running'),
  result json,
  error text check ((error is not null) = (state = 'failed')),
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  ended_at timestamptz check ((ended_at is not null) = (state in ('done', 'failed', 'cancelled')))
);

-- What claims and `kiroku job list` look for.
create index jobs_open_idx on kiroku.jobs (created_at, id) where state in ('queued', 'running');
create index jobs_created_idx on kiroku.jobs (created_at desc, id desc);

-- A row per report of a running job, the latest is the one that counts: how far it is, where it goes on from, and how long the lease lasts.
-- Insert-only, because an updated row gets slower for as long as anybody holds a snapshot; outdated rows are deleted in passing.
create table kiroku.job_reports (
  job uuid not null,
  number bigint generated always as identity,
  epoch integer not null,
  at timestamptz not null default clock_timestamp(),
  leased_until timestamptz not null,
  progress json,
  cursor json,
  rate double precision,
  eta_seconds double precision,
  primary key (job, number)
);

create table kiroku.job_lines (
  job uuid not null,
  number bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  text text not null,
  primary key (job, number)
);

create view kiroku.job_status with (security_invoker) as
select
  job.id,
  job.verb,
  job.arguments,
  job.created_by,
  job.reason,
  job.state,
  job.requested,
  job.owner,
  job.epoch,
  greatest(job.leased_until, latest.leased_until) as leased_until,
  latest.progress,
  latest.cursor,
  latest.rate,
  latest.eta_seconds,
  job.result,
  job.error,
  job.created_at,
  job.started_at,
  job.ended_at
from kiroku.jobs as job
left join lateral (
  select report.leased_until, report.progress, report.cursor, report.rate, report.eta_seconds
  from kiroku.job_reports as report
  where report.job = job.id
  order by report.number desc
  limit 1
) as latest on true;

grant select, insert, update, delete on kiroku.jobs, kiroku.job_reports, kiroku.job_lines to kiroku_service;
grant select on kiroku.job_status to kiroku_service;
grant select on kiroku.jobs, kiroku.job_reports, kiroku.job_lines, kiroku.job_status to kiroku_maintenance;
