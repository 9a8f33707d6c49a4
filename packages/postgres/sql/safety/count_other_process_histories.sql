-- How many process managers and consumers follow another log or timeline than this one ($1, $2). Reads few rows.
select
  (select count(*) from kiroku.process_managers where (log_id, timeline) <> ($1::uuid, $2::integer))::integer as "processManagers",
  (select count(*) from kiroku.consumers where (log_id, timeline) <> ($1::uuid, $2::integer))::integer as consumers
