-- The tables of a schema with their sizes in bytes and the rows that statistics assume (-1: none yet). Served by pg_class_relname_nsp_index.
select relation.relname::text as "table",
  relation.reltuples::bigint as assumed_rows,
  pg_catalog.pg_table_size(relation.oid) as table_bytes,
  pg_catalog.pg_indexes_size(relation.oid) as index_bytes
from pg_catalog.pg_class as relation
where relation.relnamespace = to_regnamespace($1) and relation.relkind = 'r'
order by relation.relname
