-- How many keys build $3 has parked that the one which is read now has not: build $5 of version $4. Served by parked_keys_pkey.
select count(*) as keys
from kiroku.parked_keys as parked
where parked.projection = $1 and parked.version = $2 and parked.build = $3
  and not exists (
    select from kiroku.parked_keys as known
    where known.projection = $1 and known.version = $4 and known.build = $5
      and known.table_name = parked.table_name and known.key_text = parked.key_text
  )
