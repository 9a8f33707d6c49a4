-- Copies the commits that end in the range. Served by the primary key of commits.
copy (
  select first_position, last_position, recorded_at, hash
  from kiroku.commits
  where last_position > current_setting('kiroku.verify_after')::bigint and last_position <= current_setting('kiroku.verify_until')::bigint
  order by last_position
) to stdout (format binary)
