-- The statements that give one database ($2) the privileges of another ($1); none if those are the default. No index: one row of the catalogue.
select format('revoke all on database %I from public', $2::text) as granted
from pg_catalog.pg_database
where datname = $1 and datacl is not null
union all
select format(
  'grant %s on database %I to %s%s',
  held.privilege_type,
  $2::text,
  case when held.grantee = 0 then 'public' else held.grantee::regrole::text end,
  case when held.is_grantable then ' with grant option' else '' end
)
from pg_catalog.pg_database as source
cross join lateral aclexplode(source.datacl) as held
where source.datname = $1
