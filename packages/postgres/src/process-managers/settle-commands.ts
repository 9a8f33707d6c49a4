import type { ClaimedCommand, OutgoingCommand, ProcessManagerStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTwoRoundTrips } from './in-two-round-trips.ts';
import { type InstanceRow, storedInstances } from './stored-instances.ts';
import { claimedOf, type Written, writeChanges } from './write-changes.ts';

/** Records outcomes of commands and what their instances make of them, but for those that were recorded before. */
export async function settleCommands(
  pool: Pool,
  { processManager, settlements, react, claim }: Parameters<ProcessManagerStore['settle']>[0],
): Promise<readonly ClaimedCommand[]> {
  let commands: readonly OutgoingCommand[] = [];
  const values = [processManager, settlements.map(({ command }) => command.id)];
  const find = { ...statement('process_managers/lock_settlements'), values };
  const written = await inTwoRoundTrips<InstanceRow & { readonly id: string | null }, Written>(pool, find, (rows) => {
    const open = new Set(rows.map(({ id }) => id));
    const settled = settlements.filter(({ command }) => open.has(command.id));
    if (settled.length === 0) return undefined;
    const changes = react(settled, storedInstances(rows));
    commands = changes.commands;
    return writeChanges({ processManager, changes, settled, ...(claim && { claim }) });
  });
  return written === undefined ? [] : claimedOf(commands, written);
}
