-- First events of commands, at positions from $1 to $2: of user $3, of type $4, in stream $5, of correlation $6, since $7, each if given; latest first,
-- at most $8. The events of a command stand side by side: the first is the one after that of another. Served by the primary key of events.
select e.position, e.stream, e.recorded_at, e.metadata
from kiroku.events as e
where e.position between $1 and $2
  and ($3::text is null or e.metadata ->> 'actor' = $3)
  and ($4::text is null or e.metadata ->> 'commandType' = $4)
  and ($5::text is null or e.stream = $5)
  and ($6::text is null or e.metadata ->> 'correlationId' = $6)
  and ($7::timestamptz is null or e.recorded_at >= $7)
  and e.metadata ->> 'commandId' is distinct from (
    select before.metadata ->> 'commandId' from kiroku.events as before where before.position = e.position - 1
  )
  and e.metadata ->> 'commandId' is not null
order by e.position desc
limit $8
