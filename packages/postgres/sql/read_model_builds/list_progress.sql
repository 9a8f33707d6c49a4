-- The tables in a build's schema that keep the progress of its folds (earlier code kept #loaded, too). Served by the index on name and namespace of pg_class.
select relname as name
from pg_class
where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind = 'r' and relname like '#%'
