-- The applied migrations in order. Served by the primary key.
select number, name, checksum, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as applied_at
from kiroku.migrations
order by number
