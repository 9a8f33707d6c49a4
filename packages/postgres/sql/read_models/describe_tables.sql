-- The columns of a schema's tables, each with its place in the primary key. Served by pg_class_relname_nsp_index and pg_attribute_relid_attnum_index.
select
  relation.relname::text as "table",
  attribute.attname::text as "column",
  format_type(attribute.atttypid, attribute.atttypmod) as "type",
  attribute.attnotnull as "required",
  array_position(primary_key.indkey::int2[], attribute.attnum) as "key"
from pg_class as relation
join pg_attribute as attribute on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
left join pg_index as primary_key on primary_key.indrelid = relation.oid and primary_key.indisprimary
where relation.relnamespace = to_regnamespace($1) and relation.relkind in ('r', 'p')
order by relation.relname, attribute.attnum
