import type { ClaimedCommand, ProcessManagerStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { advanceProcessManager } from './advance-process-manager.ts';

/** Records outcomes of commands and what their instances make of them, but for those that were recorded before. */
export function settleCommands(
  pool: Pool,
  { processManager, settlements, react, claim }: Parameters<ProcessManagerStore['settle']>[0],
): Promise<readonly ClaimedCommand[]> {
  return advanceProcessManager(pool, {
    processManager,
    partitions: [],
    position: 0,
    instances: [],
    settlements,
    react: (instances, settled) => react(settled, instances),
    ...(claim && { claim }),
  });
}
