import { KirokuError, type ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { lockInstances, writeChanges } from './instances.ts';

export type AdvanceBatch = Parameters<ProcessManagerStore['advance']>[0];

/** Moves the checkpoint, with what the instances make of the events. Throws `CheckpointConflict` if it is not at `after`. */
export async function advanceProcessManager(client: pg.PoolClient, batch: AdvanceBatch): Promise<void> {
  const { processManager, after, position, instances, react } = batch;
  await client.query({ ...statement('process_managers/lock_process_manager'), values: [processManager] });
  // a statement of its own: it must see what the previous holder of the lock committed
  const latest = await client.query<{ position: number }>({
    ...statement('process_managers/read_checkpoint'),
    values: [processManager],
  });
  const found = latest.rows[0]?.position ?? 0;
  if (found !== after) throw conflict(batch, found);
  await writeChanges(client, processManager, react(await lockInstances(client, processManager, instances)));
  await client.query({ ...statement('process_managers/advance_checkpoint'), values: [processManager, position] });
}

function conflict({ processManager, after }: AdvanceBatch, found: number): KirokuError {
  return new KirokuError(
    'CheckpointConflict',
    `The process manager ${processManager} is at position ${found}, not ${after}: another instance has advanced it meanwhile. Go on from its checkpoint.`,
    { details: { processManager, position: found, after } },
  );
}
