-- The commit that holds a position, or else the next one, with the transaction that made it, and when the one after it was made. Served by the
-- primary key of commits.
select
  c.last_position as "lastPosition",
  c.recorded_at as "recordedAt",
  c.xmin::text as xid,
  (select n.recorded_at from kiroku.commits n where n.last_position > c.last_position order by n.last_position limit 1) as "nextRecordedAt"
from kiroku.commits c
where c.last_position >= $1
order by c.last_position
limit 1
