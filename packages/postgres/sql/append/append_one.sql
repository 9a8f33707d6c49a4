-- Appends one event to one stream, unless the batch before was refused. Served by the indexes of events, commits and idempotency_keys inside the
-- function.
select outcome, "position", version
from kiroku.take_turn($12, $13), kiroku.append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
