-- Where timelines of the log left each other: each restore makes one. Timelines that were left are kept too, so that a position of one that was
-- restored over is not taken for the present history's. Written by the owner alone, while nobody appends: sql/timelines/raise_timeline.sql.
create table kiroku.timelines (
  timeline integer primary key check (timeline > 1),
  -- the one that was restored
  parent integer not null check (parent > 0 and parent < timeline),
  -- the last position that both have, and the hash of the commit that ends there
  after_position bigint not null check (after_position >= 0),
  hash bytea not null,
  restored_at timestamptz not null default clock_timestamp(),
  backup text not null,
  restored_by text not null
);

grant select on kiroku.timelines to kiroku_service, kiroku_maintenance;
