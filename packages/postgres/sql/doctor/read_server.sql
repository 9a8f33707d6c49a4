-- Which server this is: databases of one server are looked at once. No index.
select system_identifier::text as id from pg_control_system()
