-- As page_accepted, in stream $5. Served by the index on stream and version of each partition of events, in whose order positions stand too.
select e.position, e.stream, e.recorded_at, e.metadata
from kiroku.events as e
where e.stream = $5
  and e.position between $1 and $2
  and ($3::text is null or e.metadata ->> 'actor' = $3)
  and ($4::text is null or e.metadata ->> 'commandType' = $4)
  and ($6::text is null or e.metadata ->> 'correlationId' = $6)
  and ($7::timestamptz is null or e.recorded_at >= $7)
  and e.metadata ->> 'commandId' is distinct from (
    select before.metadata ->> 'commandId' from kiroku.events as before where before.position = e.position - 1
  )
  and e.metadata ->> 'commandId' is not null
order by e.version desc
limit $8
