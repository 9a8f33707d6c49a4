-- Is there a database of this name? Served by pg_database_datname_index.
select from pg_catalog.pg_database where datname = $1
