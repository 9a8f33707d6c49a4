import type { ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { type InstanceRow, storedInstances } from './stored-instances.ts';
import { writeChanges } from './write-changes.ts';

/** Changes an instance on an operator's word; `false` if there is none. */
export async function interveneInInstance(
  client: pg.PoolClient,
  { processManager, instance: id, react, retryParked = false }: Parameters<ProcessManagerStore['intervene']>[0],
): Promise<boolean> {
  // commands first and then instances, as a turn locks them: neither waits for the other
  const retry = { ...statement('process_managers/retry_parked_commands'), values: [processManager, id] };
  const retried = retryParked ? (await client.query(retry)).rowCount : 0;
  const { rows } = await client.query<InstanceRow>({ ...statement('process_managers/lock_instance'), values: [processManager, id] });
  const instance = storedInstances(rows).get(id);
  if (instance === undefined) return false;
  const changes = react(instance, retried ?? 0);
  // written as it is, if nothing changes: else a line that comes after its history was removed would stay for good
  const instances = changes.instances.length === 0 ? [instance] : changes.instances;
  await client.query(writeChanges({ processManager, changes: { ...changes, instances } }));
  return true;
}
