-- Moves the checkpoint of a partition over events that touch none of its rows, if it is as expected. Served as begin_batch.
select log_id, timeline, epoch, "position", any_parked as "anyParked"
from kiroku.pass_over($1, $2, $3, $4::smallint, $5, $6, $7, $8, $9, $10)
