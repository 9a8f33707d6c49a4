-- Creates the schema and the table of applied migrations, owned by the current role. Served by its primary key.
do $$
begin
  if to_regnamespace('kiroku') is null then
    create schema kiroku;
    grant usage on schema kiroku to kiroku_service, kiroku_maintenance;
  end if;
  if to_regclass('kiroku.migrations') is null then
    create table kiroku.migrations (
      number integer primary key check (number > 0),
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    grant select on kiroku.migrations to kiroku_service, kiroku_maintenance;
  end if;
end
$$
