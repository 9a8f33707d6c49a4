-- Copies the places of the events in the range. Served by the primary key of events.
copy (
  select position, recorded_at, version, hashtextextended(stream, 0), stream
  from kiroku.events
  where position > current_setting('kiroku.verify_after')::bigint and position <= current_setting('kiroku.verify_until')::bigint
  order by position
) to stdout (format binary)
