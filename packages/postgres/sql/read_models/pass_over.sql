-- Moves the checkpoints of partitions over events that touch none of their rows, each if it is as expected; tells of each, by its number in the
-- lists, where it is. In the order of the lists, which must be the same for all who move several. Served as begin_batch.
select wanted.ordinal, log_id, timeline, epoch, "position", any_parked as "anyParked"
from unnest(
  $1::text[], $2::integer[], $3::integer[], $4::smallint[], $5::uuid[], $6::integer[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[]
) with ordinality as wanted (
  projection, version, build, partition, of_log, of_timeline, of_epoch, after, until, message, ordinal
)
cross join lateral kiroku.pass_over(
  wanted.projection,
  wanted.version,
  wanted.build,
  wanted.partition,
  wanted.of_log,
  wanted.of_timeline,
  wanted.of_epoch,
  wanted.after,
  wanted.until,
  wanted.message
)
