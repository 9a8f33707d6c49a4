-- First events of commands, at positions from $1 to $2: of user $3, of type $4, in stream $5, of correlation $6, since $7, each if given; latest first,
-- at most $8. The events of a command stand side by side. Served by the primary key of events.
select position, stream, recorded_at, metadata
from (
  select position, stream, recorded_at, metadata, metadata ->> 'commandId' as command_id,
    lag(metadata ->> 'commandId') over (order by position) as command_before
  from kiroku.events
  where position between $1::bigint - 1 and $2
) e
where position >= $1
  and command_id is not null
  and command_id is distinct from command_before
  and ($3::text is null or metadata ->> 'actor' = $3)
  and ($4::text is null or metadata ->> 'commandType' = $4)
  and ($5::text is null or stream = $5)
  and ($6::text is null or metadata ->> 'correlationId' = $6)
  and ($7::timestamptz is null or recorded_at >= $7)
order by position desc
limit $8
