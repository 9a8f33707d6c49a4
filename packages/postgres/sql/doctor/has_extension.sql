-- Whether an extension was made in the connected database. No index: catalogs.
select exists (select from pg_catalog.pg_extension where extname = $1) as there
