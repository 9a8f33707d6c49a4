-- Copies the events in the range with all that their digests cover, in the order in which they cover it. Served by the primary key of events.
copy (
  select position, recorded_at, version, hashtextextended(stream, 0), digest, id, stream, type, schema_version, tags, data, metadata
  from kiroku.events
  where position > current_setting('kiroku.verify_after')::bigint and position <= current_setting('kiroku.verify_until')::bigint
  order by position
) to stdout (format binary)
