-- Whether a schema is there. Served by pg_namespace_nspname_index.
select exists (select from pg_namespace where nspname = $1) as taken
