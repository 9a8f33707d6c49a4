import type { ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { lockInstances, writeChanges } from './instances.ts';

/** Changes an instance on an operator's word; `false` if there is none. */
export async function interveneInInstance(
  client: pg.PoolClient,
  { processManager, instance: id, react, retryParked = false }: Parameters<ProcessManagerStore['intervene']>[0],
): Promise<boolean> {
  const instance = (await lockInstances(client, processManager, [id])).get(id);
  if (instance === undefined) return false;
  await writeChanges(client, processManager, react(instance));
  if (retryParked) await client.query({ ...statement('process_managers/retry_parked_commands'), values: [processManager, id] });
  return true;
}
