-- Who is connected. No index: catalogs.
select rolname as name, rolsuper as superuser from pg_catalog.pg_roles where rolname = current_user
