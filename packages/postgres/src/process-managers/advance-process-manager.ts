import { type ClaimedCommand, KirokuError, type OutgoingCommand, type ProcessManagerStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTwoRoundTrips } from './in-two-round-trips.ts';
import { type InstanceRow, storedInstances } from './stored-instances.ts';
import { claimedOf, type Written, writeChanges } from './write-changes.ts';

export type AdvanceBatch = Parameters<ProcessManagerStore['advance']>[0];

interface TurnRow extends InstanceRow {
  /** A partition that is not the caller's. */
  readonly lost: number | null;
  /** A command that is not settled. */
  readonly id: string | null;
}

/**
 * Moves the checkpoints of partitions and records outcomes of commands, with what the instances make of them; nothing if there are no partitions, and
 * all outcomes were recorded before. Throws `LeaseLost`, or `CheckpointConflict` if a partition is not at its `after`.
 */
export async function advanceProcessManager(
  pool: Pool,
  { processManager, partitions, position, instances, settlements = [], react, claim }: AdvanceBatch,
): Promise<readonly ClaimedCommand[]> {
  let commands: readonly OutgoingCommand[] = [];
  const leases = partitions.map(({ lease }) => lease);
  const [numbers, epochs] = [leases.map(({ partition }) => partition), leases.map(({ epoch }) => epoch)];
  const values = [processManager, numbers, instances, epochs, settlements.map(({ command }) => command.id)];
  const find = { ...statement('process_managers/lock_turn'), values };
  const written = await inTwoRoundTrips<TurnRow, Written>(pool, find, (rows) => {
    const lost = rows.flatMap((row) => row.lost ?? []);
    if (lost.length > 0) throw leaseLost(processManager, lost);
    const open = new Set(rows.map(({ id }) => id));
    const settled = settlements.filter(({ command }) => open.has(command.id));
    if (partitions.length === 0 && settled.length === 0) return undefined;
    const changes = react(storedInstances(rows), settled);
    commands = changes.commands;
    // it sees what the previous holder of the lock committed, as the statement that waited for the lock does not
    return writeChanges({ processManager, changes, advance: { partitions, position }, settled, ...(claim && { claim }) });
  });
  if (written === undefined) return [];
  if (!written.holds) throw conflict(processManager, partitions);
  return claimedOf(commands, written);
}

function conflict(processManager: string, partitions: AdvanceBatch['partitions']): KirokuError {
  const expected = partitions.map(({ lease: { partition }, after }) => ({ partition, after }));
  const told = expected.map(({ partition, after }) => `${partition} at ${after}`).join(', ');
  return new KirokuError(
    'CheckpointConflict',
    `A partition of the process manager ${processManager} is no longer where it was (${told}). Go on from its checkpoint.`,
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
