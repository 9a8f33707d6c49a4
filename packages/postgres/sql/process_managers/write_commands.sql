-- Puts commands on their way, in this order; one that is there already stays as it is. Served by outgoing_commands_pkey.
insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, label)
select sent.id, sent."processManager", sent.instance, sent.type, sent.data, sent.metadata, sent.label
from rows from (
  json_to_recordset($1::json) as (id uuid, "processManager" text, instance text, type text, data jsonb, metadata jsonb, label text)
) with ordinality as sent (id, "processManager", instance, type, data, metadata, label, ordinal)
order by sent.ordinal
on conflict (id) do nothing
