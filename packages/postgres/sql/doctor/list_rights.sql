-- What a role may do with each table and view of the schema kiroku, and with some functions. No index: catalogs.
select
  case c.relkind when 'v' then 'view' else 'table' end as kind,
  c.oid::regclass::text as name,
  has_table_privilege($1::name, c.oid, 'select') as "mayRead",
  has_table_privilege($1::name, c.oid, 'insert') as "mayInsert",
  has_table_privilege($1::name, c.oid, 'update') as "mayUpdate",
  has_table_privilege($1::name, c.oid, 'delete') as "mayDelete",
  has_table_privilege($1::name, c.oid, 'truncate') as "mayTruncate"
from pg_catalog.pg_class as c
where c.relnamespace = to_regnamespace('kiroku') and c.relkind in ('r', 'p', 'v')
union all
select 'function', p.oid::regprocedure::text, has_function_privilege($1::name, p.oid, 'execute'), false, false, false, false
from pg_catalog.pg_proc as p
where p.pronamespace = to_regnamespace('kiroku') and p.proname = any ($2::text[])
order by 1, 2
