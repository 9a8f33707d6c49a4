-- Which keys of a build are parked. Served by parked_keys_pkey.
select table_name, key_text from kiroku.parked_keys where projection = $1 and version = $2 and build = $3
