-- Tags of events that consistency conditions would not find. Served by the primary keys of events and event_tags.
select e.position, e.stream, t.tag
from kiroku.events e
cross join lateral unnest(e.tags) t (tag)
where e.position > $1
  and e.position <= $2
  and e.tags <> '{}'
  and not exists (select from kiroku.event_tags i where i.tag = t.tag and i.position = e.position)
order by e.position
