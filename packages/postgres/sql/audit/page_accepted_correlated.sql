-- As page_accepted, of correlation $6. Served by events_correlation: the offset keeps the planner from looking for them in the order of positions,
-- which would read the whole log if there are few.
select e.position, e.stream, e.recorded_at, e.metadata
from (
  select position, stream, recorded_at, metadata
  from kiroku.events
  where metadata ->> 'correlationId' = $6
  offset 0
) as e
where e.position between $1 and $2
  and ($3::text is null or e.metadata ->> 'actor' = $3)
  and ($4::text is null or e.metadata ->> 'commandType' = $4)
  and ($5::text is null or e.stream = $5)
  and ($7::timestamptz is null or e.recorded_at >= $7)
  and e.metadata ->> 'commandId' is distinct from (
    select before.metadata ->> 'commandId' from kiroku.events as before where before.position = e.position - 1
  )
  and e.metadata ->> 'commandId' is not null
order by e.position desc
limit $8
