-- Begins a timeline after the log's last position, above $3 and every one that is known (the log's own is the greatest of those that were noted
-- before), and notes where timelines left each other that the restored log cannot know of ($5). Served by the primary keys of commits and timelines.
with known as (
  insert into kiroku.timelines (timeline, parent, after_position, hash, restored_at, backup, restored_by)
  select fork.timeline, fork.parent, fork."afterPosition", decode(fork.hash, 'hex'), fork."restoredAt", fork.backup, fork."restoredBy"
  from json_to_recordset($5::json) as fork (
    timeline integer, parent integer, "afterPosition" bigint, hash text, "restoredAt" timestamptz, backup text, "restoredBy" text
  )
  on conflict (timeline) do nothing
  returning timeline
),
next as materialized (
  select
    log.timeline as parent,
    1 + greatest(
      log.timeline,
      $3::integer,
      (select max(timeline) from known)
    ) as timeline
  from kiroku.log
),
raised as (
  update kiroku.log set timeline = (select timeline from next)
)
insert into kiroku.timelines (timeline, parent, after_position, hash, backup, restored_by)
select next.timeline, next.parent, coalesce(head.last_position, 0), coalesce(head.hash, $4), $1, $2
from next
left join (select last_position, hash from kiroku.commits order by last_position desc limit 1) as head on true
returning
  timeline,
  parent,
  after_position as "afterPosition",
  encode(hash, 'hex') as hash,
  restored_at as "restoredAt",
  backup,
  restored_by as "restoredBy"
