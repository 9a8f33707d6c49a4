-- What was done for safety, and how it went: backups, drills, checks of the archive, the doctor. Only ever added to. A restore takes command_db back
-- too: the repository of backups keeps these reports as well.
create table kiroku.safety_reports (
  kind text not null check (kind in ('backup', 'drill', 'archive', 'doctor')),
  -- of a backup or drill its own
  id text not null,
  at timestamptz not null default clock_timestamp(),
  succeeded boolean not null,
  report jsonb not null,
  primary key (kind, id)
);

create index safety_reports_latest_idx on kiroku.safety_reports (kind, succeeded, at desc);

grant select, insert on kiroku.safety_reports to kiroku_service;
grant select on kiroku.safety_reports to kiroku_maintenance;
