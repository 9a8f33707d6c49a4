-- All consumers, or the one named $1, and how they are. Served by consumers_name_key, consumer_advances_pkey and consumer_messages_pkey.
select * from kiroku.consumer_status where $1::text is null or name = $1 order by name
