-- Lets the owner create schemas in the connected database, if it cannot yet. No index: the current database alone.
do $$
begin
  if not has_database_privilege('kiroku_owner', current_database(), 'create') then
    execute format('grant create on database %I to kiroku_owner', current_database());
  end if;
end
$$
