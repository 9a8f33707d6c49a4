import { type ClaimedCommand, KirokuError, type OutgoingCommand, type ProcessManagerStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTwoRoundTrips } from './in-two-round-trips.ts';
import { type InstanceRow, storedInstances } from './stored-instances.ts';
import { claimedOf, type Written, writeChanges } from './write-changes.ts';

export type AdvanceBatch = Parameters<ProcessManagerStore['advance']>[0];

/** Moves the checkpoints of partitions, with what the instances make of the events. Throws `LeaseLost`, or `CheckpointConflict` if one is not at its `after`. */
export async function advanceProcessManager(
  pool: Pool,
  { processManager, partitions, position, instances, react, claim }: AdvanceBatch,
): Promise<readonly ClaimedCommand[]> {
  let commands: readonly OutgoingCommand[] = [];
  const leases = partitions.map(({ lease }) => lease);
  const values = [processManager, leases.map(({ partition }) => partition), instances, leases.map(({ epoch }) => epoch)];
  const find = { ...statement('process_managers/lock_advance'), values };
  const written = await inTwoRoundTrips<InstanceRow & { readonly lost: number | null }, Written>(pool, find, (rows) => {
    const lost = rows.flatMap((row) => row.lost ?? []);
    if (lost.length > 0) throw leaseLost(processManager, lost);
    const changes = react(storedInstances(rows));
    commands = changes.commands;
    // it sees what the previous holder of the lock committed, as the statement that waited for the lock does not
    return writeChanges({ processManager, changes, advance: { partitions, position }, ...(claim && { claim }) });
  });
  if (written?.holds !== true) throw conflict(processManager, partitions);
  return claimedOf(commands, written);
}

function conflict(processManager: string, partitions: AdvanceBatch['partitions']): KirokuError {
  const expected = partitions.map(({ lease: { partition }, after }) => ({ partition, after }));
  const told = expected.map(({ partition, after }) => `${partition} at ${after}`).join(', ');
  return new KirokuError(
    'CheckpointConflict',
    `A partition of the process manager ${processManager} is not where it was any more (${told}). Go on from its checkpoint.`,
    { details: { processManager, partitions: expected } },
  );
}

function leaseLost(processManager: string, partitions: readonly number[]): KirokuError {
  return new KirokuError(
    'LeaseLost',
    `Of the process manager ${processManager} another process has now, by partition: ${partitions.join(', ')}. Nothing was written; that one goes on.`,
    { details: { processManager, partitions } },
  );
}
