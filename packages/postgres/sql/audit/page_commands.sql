-- Commands that left no event, with sequences from $1 to $2: of user $3, of type $4, in stream $5, of correlation $6, with outcome $7, each if given;
-- latest first, at most $8. Served by command_audit_pkey.
select sequence, recorded_at, received_at, duration_us, outcome, code, command_id, type, stream, actor, role, source_address, correlation_id,
  instance, lost
from kiroku.command_audit
where sequence between $1 and $2
  and ($3::text is null or actor = $3)
  and ($4::text is null or type = $4)
  and ($5::text is null or stream = $5)
  and ($6::text is null or correlation_id = $6)
  and ($7::text is null or outcome = $7)
order by sequence desc
limit $8
