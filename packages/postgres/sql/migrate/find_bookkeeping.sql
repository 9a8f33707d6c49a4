-- Is the table of applied migrations there? Served by pg_class_relname_nsp_index.
select to_regclass('kiroku.migrations') is not null as found
