-- How far the slowest partition of each of the process managers $1 is, and every outside consumer that is not paused. Served by the primary keys.
select 'processManager' as kind, part.process_manager as name, min(part.position) as position
from kiroku.checkpoints as part
where part.process_manager = any ($1::text[])
group by part.process_manager
union all
(
  select 'consumer', consumer.name, coalesce(latest.position, 0)
  from kiroku.consumers as consumer
  left join lateral (
    select advance.position
    from kiroku.consumer_advances as advance
    where advance.consumer = consumer.id
    order by advance.position desc
    limit 1
  ) as latest on true
  where consumer.paused_at is null
  order by consumer.name
  limit 200
)
