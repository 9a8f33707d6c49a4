-- The tables of the log with their sizes in bytes, partitions added up. Served by the catalog.
select root.relname as "table",
  sum(pg_catalog.pg_table_size(coalesce(part.relid, root.oid)))::bigint as table_bytes,
  sum(pg_catalog.pg_indexes_size(coalesce(part.relid, root.oid)))::bigint as index_bytes,
  (count(*) filter (where part.isleaf))::integer as partitions
from pg_catalog.pg_class root
join pg_catalog.pg_namespace n on n.oid = root.relnamespace
left join lateral pg_catalog.pg_partition_tree(root.oid) part on true -- no rows for a table that is not partitioned
where n.nspname = 'kiroku' and root.relkind in ('r', 'p') and not root.relispartition
group by root.relname
order by sum(pg_catalog.pg_total_relation_size(coalesce(part.relid, root.oid))) desc, root.relname
