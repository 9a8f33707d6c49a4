-- Lets the services create the schemas of projection versions in the connected database. No index: the current database alone.
do $$
begin
  if not has_database_privilege('kiroku_service', current_database(), 'create') then
    execute format('grant create on database %I to kiroku_service', current_database());
  end if;
end
$$
