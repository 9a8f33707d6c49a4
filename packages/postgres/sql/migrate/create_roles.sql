-- Creates the roles of the platform if the cluster has none yet; another database's migration may be doing the same. No index: pg_roles.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['kiroku_owner', 'kiroku_service', 'kiroku_maintenance'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
  if not pg_has_role(current_user, 'kiroku_owner', 'set') then
    execute format('grant kiroku_owner to %I', current_user);
  end if;
end
$$
