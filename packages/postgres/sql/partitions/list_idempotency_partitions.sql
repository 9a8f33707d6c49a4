-- The partitions of idempotency_keys and event_ids in order, and whether all that is in them may be forgotten. Served by the unique index on
-- until_time.
select p.number, p.from_time, p.until_time, p.until_time <= clock_timestamp() - make_interval(days => s.idempotency_days) as expired
from kiroku.settings s
cross join kiroku.idempotency_partitions p
order by p.until_time
