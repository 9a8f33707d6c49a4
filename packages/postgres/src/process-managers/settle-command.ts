import type { ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { lockInstances, writeChanges } from './instances.ts';

/** Records a command's outcome and what its instance makes of it; nothing, if that has been done before. */
export async function settleCommand(client: pg.PoolClient, options: Parameters<ProcessManagerStore['settle']>[0]): Promise<void> {
  const { command, outcome, settle } = options;
  const { id, processManager } = command;
  const unsettled = await client.query({ ...statement('process_managers/lock_command'), values: [id] });
  if (unsettled.rows.length === 0) return;
  const [instance] = (await lockInstances(client, processManager, [command.instance])).values();
  if (instance !== undefined) await writeChanges(client, processManager, settle(instance));
  await client.query({ ...statement('process_managers/settle_command'), values: [id, JSON.stringify(outcome)] });
}
