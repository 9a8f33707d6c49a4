-- Appends a batch, unless the one before was refused. Served by the indexes of events, commits and idempotency_keys inside the function.
select outcomes, positions, versions, reasons
from kiroku.take_turn($22, $23), kiroku.append_batch(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21
)
