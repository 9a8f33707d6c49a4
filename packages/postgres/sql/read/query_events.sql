-- Reads the events that match any item of queries, each with the number of its query, as often as items match it, and the head, in one snapshot.
-- Served by the primary key of event_tags (an item's first tag: put the rarest first), the index on type and position (items without tags) and
-- the primary keys of events and commits, in each partition. The limits and offsets keep the planner, which cannot know how many items there
-- are, from reading whole tables; there is no union either, for which it would set aside megabytes.
with item as (
  select query, types, tags from json_to_recordset($1) as i (query integer, types text[], tags text[])
)
select head.position as head, e.*
from (select coalesce((select last_position from kiroku.commits order by last_position desc limit 1), 0) as position) head
left join lateral (
  select item.query, e.*
  from item
  cross join lateral (select position from kiroku.event_tags where tag = item.tags[1] offset 0) t
  cross join lateral (
    select e.position, e.stream, e.version, e.id, e.type, e.schema_version, e.data, e.metadata, e.tags, e.recorded_at
    from kiroku.events e
    where e.position = t.position and (item.types is null or e.type = any (item.types)) and e.tags @> item.tags
    limit 1
  ) e
  where cardinality(item.tags) > 0
  union all
  select item.query, e.*
  from item
  cross join lateral unnest(item.types) w (type)
  cross join lateral (
    select position, stream, version, id, type, schema_version, data, metadata, tags, recorded_at
    from kiroku.events
    where type = w.type
    offset 0
  ) e
  where coalesce(cardinality(item.tags), 0) = 0
) e on true
order by e.query, e.position
