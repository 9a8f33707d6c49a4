-- Notes why a partition cannot go on, or ($6 is null) that it does, unless a later epoch has it. Served by projection_partitions_pkey.
update kiroku.projection_partitions
set stalled_reason = $6::text, stalled_since = case when $6::text is null then null else coalesce(stalled_since, clock_timestamp()) end
where projection = $1 and version = $2 and build = $3 and partition = $4 and epoch = $5 and stalled_reason is distinct from $6::text
