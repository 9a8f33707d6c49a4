-- Leases in command_db that lapsed more than a minute ago and that nobody took over. Reads few rows.
select 'process manager ' || process_manager || ', partition ' || partition as what, owner
from kiroku.process_partitions
where leased_until < clock_timestamp() - interval '1 minute'
union all
select 'consumer ' || name, owner from kiroku.consumers where leased_until < clock_timestamp() - interval '1 minute'
