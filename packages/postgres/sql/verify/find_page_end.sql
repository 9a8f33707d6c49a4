-- Where a page that begins after $1 ends: with the last commit of at most $2 positions, or with the next one if that is longer, or at $3.
-- Served by the primary key of commits.
select coalesce(
  (select max(last_position) from kiroku.commits where last_position > $1 and last_position <= least($1 + $2, $3)),
  (select min(last_position) from kiroku.commits where last_position > $1 and last_position <= $3),
  $3
) as position
