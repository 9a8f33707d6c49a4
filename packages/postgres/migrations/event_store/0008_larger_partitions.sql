-- A stream has a row in kiroku.streams for each partition it has events in, and an append to it looks into the last of them. With 2 million events
-- to a partition that is a row for nearly every event of a stream that lives long: at 20 million events the index of streams alone outgrew the
-- memory of many servers, and an append read twice as many pages as with these. Who has chosen a size of his own keeps it.
update kiroku.settings set event_partition_size = 32000000 where event_partition_size = 2000000;
alter table kiroku.settings alter column event_partition_size set default 32000000;

-- A new log begins with them; one that has events goes on in its partitions, and gets larger ones after those that are kept ready.
do $block$
declare
  number integer;
begin
  if exists (select from kiroku.commits) or (select event_partition_size from kiroku.settings) <> 32000000 then
    return;
  end if;
  for number in select p.number from kiroku.event_partitions p loop
    execute format('drop table kiroku.%I, kiroku.%I', 'events_' || number, 'event_tags_' || number);
  end loop;
  delete from kiroku.event_partitions;
  for number in 0..(select event_partitions_ahead from kiroku.settings) loop
    perform kiroku.create_event_partition();
  end loop;
end
$block$;
