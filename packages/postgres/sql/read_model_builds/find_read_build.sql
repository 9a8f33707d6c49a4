-- What is read of a projection where version $2 is to be read: its active build, else that of the version before. Served by projection_versions_pkey.
select version, active_build as build
from kiroku.projection_versions
where projection = $1 and version <= $2 and active_build is not null
order by version desc
limit 1
