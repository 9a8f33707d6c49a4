-- Of the run of the job that may write a projection of a moment; an earlier one has lost its lease.
alter table kiroku.moment_projections add column epoch bigint not null default 0;
