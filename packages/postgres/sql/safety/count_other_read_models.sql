-- How many builds that are read are of another log or timeline than this one ($1, $2). Reads few rows.
select count(distinct (part.projection, part.version))::integer as "readModels"
from kiroku.projection_partitions as part
join kiroku.projection_versions as known
  on known.projection = part.projection and known.version = part.version and known.active_build = part.build
where (part.log_id, part.timeline) <> ($1::uuid, $2::integer)
