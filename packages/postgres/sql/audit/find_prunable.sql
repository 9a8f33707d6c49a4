-- Until when commands are older than they are kept, if the oldest is so by a day at least: the chain gets a new beginning daily at most. Served by
-- command_audit_recorded_at_idx.
select clock_timestamp() - make_interval(days => s.keep_days) as until
from kiroku.command_audit_settings as s
cross join lateral (select recorded_at from kiroku.command_audit order by recorded_at, sequence limit 1) as oldest
where oldest.recorded_at < clock_timestamp() - make_interval(days => s.keep_days + 1)
