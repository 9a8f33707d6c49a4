-- Notes that a migration was applied. Served by the primary key.
insert into kiroku.migrations (number, name, checksum) values ($1, $2, $3)
