-- The first and the last entry of the audit of commands from $1 to $2. Recorded times never go back along sequences. Served by
-- command_audit_recorded_at_idx.
select
  (
    select sequence from kiroku.command_audit
    where recorded_at >= coalesce($1::timestamptz, '-infinity')
    order by recorded_at, sequence
    limit 1
  ) as first,
  (
    select sequence from kiroku.command_audit
    where recorded_at <= coalesce($2::timestamptz, 'infinity')
    order by recorded_at desc, sequence desc
    limit 1
  ) as last
