-- In command_db: what the instances that sent these commands have sent with a correlation id, oldest first. Served by outgoing_commands_pkey
-- and outgoing_commands_instance_idx.
select sent.id, sent.type, sent.metadata, sent.outcome
from (
  select distinct process_manager, instance from kiroku.outgoing_commands where id = any ($1::uuid[])
) known
join kiroku.outgoing_commands sent on sent.process_manager = known.process_manager and sent.instance = known.instance
where sent.metadata ->> 'correlationId' = $2
order by sent.number
