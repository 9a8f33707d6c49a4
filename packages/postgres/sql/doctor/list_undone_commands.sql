-- Instances of a process manager ($1) with commands whose events stood after position $2, before a restore at $3 undid them. Reads the commands that
-- were settled since $4.
select distinct instance
from kiroku.outgoing_commands
where process_manager = $1
  and settled_at >= $4::timestamptz
  and settled_at < coalesce($3::timestamptz, 'infinity')
  and (outcome ->> 'accepted')::boolean
  and (outcome ->> 'position')::bigint > $2
order by instance
