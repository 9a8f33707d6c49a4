-- One line per object of a schema, in a stable order: what two databases must have in common.
with objects as (
  select format('table %s.%s', n.nspname, c.relname) as object, 0 as part, a.attnum::int as place,
         format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                case when a.attnotnull then ' not null' else '' end,
                coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')) as line
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where n.nspname = $1 and c.relkind in ('r', 'p')
  union all
  select format('table %s.%s', n.nspname, c.relname), 1, row_number() over (partition by c.oid order by k.conname)::int,
         format('  constraint %s %s', k.conname, pg_get_constraintdef(k.oid))
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and k.contype <> 'n'
  union all
  select format('table %s.%s', n.nspname, c.relname), 2, row_number() over (partition by c.oid order by i.relname)::int,
         '  ' || pg_get_indexdef(i.oid)
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_class c on c.oid = x.indrelid
    join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1
  union all
  select format('table %s.%s', n.nspname, c.relname), 3, row_number() over (partition by c.oid order by r.rolname)::int,
         format('  %s may %s', r.rolname, string_agg(lower(g.privilege_type), ', ' order by g.privilege_type))
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(c.relacl) g
    join pg_roles r on r.oid = g.grantee
   where n.nspname = $1 and c.relkind in ('r', 'p') and r.rolname <> pg_get_userbyid(c.relowner)
   group by n.nspname, c.relname, c.oid, r.rolname
  union all
  select format('function %s.%s(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), 0, l.place::int, '  ' || l.line
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    cross join lateral regexp_split_to_table(pg_get_functiondef(p.oid), E'\n') with ordinality as l (line, place)
   where n.nspname = $1 and l.line <> ''
  union all
  select format('function %s.%s(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), 1, 0,
         format('  owned by %s; may be executed by %s', pg_get_userbyid(p.proowner),
                (select string_agg(coalesce(r.rolname, 'public'), ', ' order by r.rolname)
                   from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
                   left join pg_roles r on r.oid = g.grantee
                  where g.grantee <> p.proowner))
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = $1
)
select case when lag(object) over w is distinct from object then object || E'\n' else '' end || line as text
  from objects
window w as (order by object, part, place)
 order by object, part, place
