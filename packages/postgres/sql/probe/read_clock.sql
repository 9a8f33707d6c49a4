-- The time by the server's clock, milliseconds since 1970. Reads no table.
select (extract(epoch from clock_timestamp()) * 1000)::double precision as now
