import type { ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { lockInstances, writeChanges } from './instances.ts';

/** Records outcomes of commands and what their instances make of them, but for those that were recorded before. */
export async function settleCommands(client: pg.PoolClient, options: Parameters<ProcessManagerStore['settle']>[0]): Promise<void> {
  const { processManager, settlements, react } = options;
  const unsettled = await client.query<{ id: string }>({
    ...statement('process_managers/lock_commands'),
    values: [settlements.map(({ command }) => command.id)],
  });
  const open = new Set(unsettled.rows.map(({ id }) => id));
  const fresh = settlements.filter(({ command }) => open.has(command.id));
  if (fresh.length === 0) return;
  const instances = await lockInstances(client, processManager, [...new Set(fresh.map(({ command }) => command.instance))]);
  await writeChanges(client, processManager, react(fresh, instances));
  const outcomes = fresh.map(({ command, outcome }) => ({ id: command.id, outcome }));
  await client.query({ ...statement('process_managers/settle_commands'), values: [JSON.stringify(outcomes)] });
}
