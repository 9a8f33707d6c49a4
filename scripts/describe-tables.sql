-- Every table with its columns, and how it is created if no migration does that: partitions, and the tables of read models.
select
  format('%I.%I', schema.nspname, class.relname) as name,
  class.relispartition as partition,
  array_agg(attribute.attname::text order by attribute.attnum) as columns,
  coalesce(array_agg(attribute.attname::text) filter (where attribute.attidentity <> ''), '{}') as identities,
  case
    when class.relispartition then
      format(
        'set role kiroku_owner; create table %1$I.%2$I (like %3$s); %4$s; alter table %3$s attach partition %1$I.%2$I %5$s; grant select on %1$I.%2$I to kiroku_service, kiroku_maintenance',
        schema.nspname, class.relname, (select inhparent::regclass from pg_inherits where inhrelid = class.oid),
        indexes.definition, pg_get_expr(class.relpartbound, class.oid)
      )
    when schema.nspname <> 'kiroku' then
      format(
        'create schema if not exists %1$I authorization kiroku_service; set role kiroku_service; create table %1$I.%2$I (%3$s); %4$s',
        schema.nspname, class.relname,
        string_agg(
          format('%I %s%s', attribute.attname, format_type(attribute.atttypid, attribute.atttypmod), case when attribute.attnotnull then ' not null' end),
          ', ' order by attribute.attnum
        ),
        indexes.definition
      )
  end as definition
from pg_class as class
join pg_namespace as schema on schema.oid = class.relnamespace
join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
left join lateral (
  select string_agg(
    coalesce('alter table ' || class.oid::regclass || ' add ' || pg_get_constraintdef(key.oid), pg_get_indexdef(index.indexrelid)), '; '
  ) as definition
  from pg_index as index
  left join pg_constraint as key on key.conindid = index.indexrelid and key.contype in ('p', 'u')
  where index.indrelid = class.oid
) as indexes on true
where class.relkind in ('r', 'p') and schema.nspname !~ '^(pg_|information_schema|public)' and attribute.attgenerated = ''
group by class.oid, schema.nspname, class.relname, indexes.definition
order by class.relispartition desc, name
