-- Databases whose names begin with $1 and that nobody is connected to. No index: the catalogue of databases is small.
select datname
from pg_catalog.pg_database
where starts_with(datname, $1) and not exists (select from pg_catalog.pg_stat_activity as session where session.datname = pg_database.datname)
order by datname
