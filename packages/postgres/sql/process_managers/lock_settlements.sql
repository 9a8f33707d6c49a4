-- Keeps others from settling the commands ($2), without those that are settled already, and from changing their instances; each in one order.
-- Rows with an id are commands, the others instances. Served by outgoing_commands_pkey (asking for settled_at would let the planner walk the dead
-- rows of outgoing_commands_due_idx) and process_instances_pkey.
with open as materialized (
  select id, instance from kiroku.outgoing_commands where id = any ($2::uuid[]) and outcome is null order by id for update
),
locked as materialized (
  select instance, state, status, failure
  from kiroku.process_instances
  where process_manager = $1 and instance = any (array(select instance from open))
  order by instance
  for update
)
select id, null as instance, null::jsonb as state, null as status, null as failure from open
union all
select null, instance, state, status, failure from locked
