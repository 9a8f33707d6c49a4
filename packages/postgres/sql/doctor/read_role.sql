-- Whether kiroku_service has powers that no service needs. No index: catalogs.
select rolname as name, rolsuper as superuser, rolcreaterole as "makesRoles", rolbypassrls as "bypassesPolicies"
from pg_catalog.pg_roles
where rolname = 'kiroku_service'
