-- Forgets where a consumer was. Served by consumer_advances_pkey.
delete from kiroku.consumer_advances where consumer = $1
