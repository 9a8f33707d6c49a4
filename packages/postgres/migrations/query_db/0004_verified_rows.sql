-- What incremental verifications go on from: the rows that the log amounted to the last time, as lines of JSON.
create table kiroku.verified_rows (
  projection text not null,
  version integer not null,
  build integer not null,
  number bigint generated always as identity,
  line text not null,
  primary key (projection, version, build, number)
);

grant select, insert, update, delete on kiroku.verified_rows to kiroku_service;
grant select on kiroku.verified_rows to kiroku_maintenance;
