-- Which of the keys in $4 (a JSON array of table and keyText) are parked. Served by parked_keys_pkey.
select parked.table_name as "table", parked.key_text as "keyText"
from json_to_recordset($4::json) as touched ("table" text, "keyText" text)
join kiroku.parked_keys as parked on parked.table_name = touched."table" and parked.key_text = touched."keyText"
where parked.projection = $1 and parked.version = $2 and parked.build = $3
