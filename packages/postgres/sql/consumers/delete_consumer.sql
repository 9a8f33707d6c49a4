-- Removes a consumer with all that is kept of it. Served by the primary keys.
with messages as (
  delete from kiroku.consumer_messages where consumer = $1
),
advances as (
  delete from kiroku.consumer_advances where consumer = $1
)
delete from kiroku.consumers where id = $1
