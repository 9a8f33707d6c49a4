import { KirokuError, type ProcessLease, type ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { lockInstances, writeChanges } from './instances.ts';

export type AdvanceBatch = Parameters<ProcessManagerStore['advance']>[0];

/** Moves a partition's checkpoint, with what the instances make of the events. Throws `LeaseLost`, or `CheckpointConflict` if it is not at `after`. */
export async function advanceProcessManager(client: pg.PoolClient, { lease, ...batch }: AdvanceBatch): Promise<void> {
  const { processManager, partition } = lease;
  const { after, position, instances, react } = batch;
  const locked = await client.query<{ epoch: number }>({
    ...statement('process_managers/lock_partition'),
    values: [processManager, partition],
  });
  if (locked.rows[0]?.epoch !== lease.epoch) throw lost(lease);
  // a statement of its own: it must see what the previous holder of the lock committed
  const latest = await client.query<{ position: number }>({
    ...statement('process_managers/read_checkpoint'),
    values: [processManager, partition],
  });
  const found = latest.rows[0]?.position ?? 0;
  if (found !== after) throw conflict(lease, found, after);
  await writeChanges(client, processManager, react(await lockInstances(client, processManager, instances)));
  await client.query({ ...statement('process_managers/advance_checkpoint'), values: [processManager, partition, position] });
}

function conflict({ processManager, partition }: ProcessLease, found: number, after: number): KirokuError {
  return new KirokuError(
    'CheckpointConflict',
    `Partition ${partition} of the process manager ${processManager} is at position ${found}, not ${after}. Go on from its checkpoint.`,
    { details: { processManager, partition, position: found, after } },
  );
}

function lost({ processManager, partition, epoch }: ProcessLease): KirokuError {
  return new KirokuError(
    'LeaseLost',
    `Partition ${partition} of the process manager ${processManager} belongs to another process now. Nothing was written; that one goes on.`,
    { details: { processManager, partition, epoch } },
  );
}
