-- What kiroku_service may do with each table, view and function of the schema kiroku. No index: catalogs.
select
  case c.relkind when 'v' then 'view' else 'table' end as kind,
  c.oid::regclass::text as name,
  has_table_privilege('kiroku_service', c.oid, 'select') as "mayRead",
  has_table_privilege('kiroku_service', c.oid, 'insert') as "mayInsert",
  has_table_privilege('kiroku_service', c.oid, 'update') as "mayUpdate",
  has_table_privilege('kiroku_service', c.oid, 'delete') as "mayDelete",
  has_table_privilege('kiroku_service', c.oid, 'truncate') as "mayTruncate"
from pg_catalog.pg_class as c
where c.relnamespace = to_regnamespace('kiroku') and c.relkind in ('r', 'p', 'v')
union all
select 'function', p.oid::regprocedure::text, has_function_privilege('kiroku_service', p.oid, 'execute'), false, false, false, false
from pg_catalog.pg_proc as p
where p.pronamespace = to_regnamespace('kiroku') and p.proname in ('append_batch', 'append_one', 'take_turn', 'audit_commands', 'begin_batch', 'pass_over')
order by 1, 2
