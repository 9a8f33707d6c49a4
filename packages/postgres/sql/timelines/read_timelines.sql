-- Reads which log this is, and where its timelines left each other, the oldest first. One row without a timeline if there was no restore. No index:
-- a row for each restore.
select
  log.id,
  log.timeline as present,
  fork.timeline,
  fork.parent,
  fork.after_position as "afterPosition",
  encode(fork.hash, 'hex') as hash,
  fork.restored_at as "restoredAt",
  fork.backup,
  fork.restored_by as "restoredBy"
from kiroku.log
left join kiroku.timelines as fork on true
order by fork.timeline
