-- Reads which log this is. No index: one row.
select id, timeline from kiroku.log
