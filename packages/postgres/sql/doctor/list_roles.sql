-- Whether roles have powers that they do not need. No index: catalogs.
select rolname as name, rolsuper as superuser, rolcreaterole as "makesRoles", rolbypassrls as "bypassesPolicies"
from pg_catalog.pg_roles
where rolname = any ($1::text[])
order by rolname
