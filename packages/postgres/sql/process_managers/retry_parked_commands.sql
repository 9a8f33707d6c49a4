-- Makes an instance's parked commands due again, locked in the order in which lock_turn does. Served by outgoing_commands_parked_idx and
-- outgoing_commands_pkey, one after the other: asked for both, the planner would walk all of the second for its order.
with parked as materialized (
  select id from kiroku.outgoing_commands where process_manager = $1 and instance = $2 and settled_at is null and due_at = 'infinity'
),
held as materialized (
  select id
  from kiroku.outgoing_commands
  where id = any (array(select id from parked)) and outcome is null and due_at = 'infinity'
  order by id
  for update
)
update kiroku.outgoing_commands
set due_at = statement_timestamp(), attempts = 0
where id = any (array(select id from held))
