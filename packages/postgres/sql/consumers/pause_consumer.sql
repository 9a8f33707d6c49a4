-- Pauses a consumer for a reason, or lets it go on (null). Served by consumers_pkey.
update kiroku.consumers
set paused_reason = $2::text, paused_at = case when $2::text is null then null else coalesce(paused_at, clock_timestamp()) end
where id = $1
