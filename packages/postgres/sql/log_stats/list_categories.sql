-- Every category that has a stream. Jumps from category to category: names sort by bytes, where '.' follows '-'. Served by the primary key of
-- streams.
with recursive known as (
  (select split_part(stream, '-', 1) as category from kiroku.streams order by stream limit 1)
  union all
  select (select split_part(s.stream, '-', 1) from kiroku.streams s where s.stream >= known.category || '.' order by s.stream limit 1)
  from known
  where known.category is not null
)
select category from known where category is not null
