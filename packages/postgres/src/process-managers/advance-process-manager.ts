import { type ClaimedCommand, KirokuError, type OutgoingCommand, type ProcessLease, type ProcessManagerStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTwoRoundTrips } from './in-two-round-trips.ts';
import { type InstanceRow, storedInstances } from './stored-instances.ts';
import { claimedOf, type Written, writeChanges } from './write-changes.ts';

export type AdvanceBatch = Parameters<ProcessManagerStore['advance']>[0];

/** Moves a partition's checkpoint, with what the instances make of the events. Throws `LeaseLost`, or `CheckpointConflict` if it is not at `after`. */
export async function advanceProcessManager(
  pool: Pool,
  { lease, after, position, instances, react, claim }: AdvanceBatch,
): Promise<readonly ClaimedCommand[]> {
  const { processManager, partition, epoch } = lease;
  let commands: readonly OutgoingCommand[] = [];
  const values = [processManager, partition, instances, epoch];
  const find = { ...statement('process_managers/lock_advance'), values };
  const written = await inTwoRoundTrips<InstanceRow & { readonly epoch: number }, Written>(pool, find, (rows) => {
    if (rows[0]?.epoch !== epoch) throw lost(lease);
    const changes = react(storedInstances(rows));
    commands = changes.commands;
    // it sees what the previous holder of the lock committed, as the statement that waited for the lock does not
    return writeChanges({ processManager, changes, advance: { partition, after, position }, ...(claim && { claim }) });
  });
  if (written?.holds !== true) throw conflict(lease, after);
  return claimedOf(commands, written);
}

function conflict({ processManager, partition }: ProcessLease, after: number): KirokuError {
  return new KirokuError(
    'CheckpointConflict',
    `Partition ${partition} of the process manager ${processManager} is not at position ${after} any more. Go on from its checkpoint.`,
    { details: { processManager, partition, after } },
  );
}

function lost({ processManager, partition, epoch }: ProcessLease): KirokuError {
  return new KirokuError(
    'LeaseLost',
    `Partition ${partition} of the process manager ${processManager} belongs to another process now. Nothing was written; that one goes on.`,
    { details: { processManager, partition, epoch } },
  );
}
