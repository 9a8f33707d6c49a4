import type { DueTimer, EventMetadata, ProcessManagerStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTwoRoundTrips } from './in-two-round-trips.ts';
import { type InstanceRow, storedInstances } from './stored-instances.ts';
import { type Written, writeChanges } from './write-changes.ts';

interface TimerRow extends InstanceRow {
  readonly instance: string;
  readonly id: string;
  readonly name: string;
  readonly due_at: string;
  readonly at: string;
  readonly metadata: EventMetadata;
}

/** Fires due timers; instances that somebody is changing keep theirs for the next look. Returns how many it took. */
export async function fireTimers(
  pool: Pool,
  { processManager, limit, react, sinceMs, share = { part: 0, parts: 1 } }: FireOptions & { readonly sinceMs: number },
): Promise<number> {
  let fired = 0;
  const values = [processManager, limit, sinceMs, share.parts, share.part];
  await inTwoRoundTrips<TimerRow, Written>(pool, { ...statement('process_managers/take_due_timers'), values }, (rows) => {
    fired = rows.length;
    if (fired === 0) return undefined;
    const timers = rows.map(({ id, instance, name, due_at, at, metadata }): DueTimer => {
      return { id, processManager, instance, name, dueAt: due_at, at, metadata };
    });
    return writeChanges({ processManager, changes: react(timers, storedInstances(rows)) });
  });
  return fired;
}

export type FireOptions = Parameters<ProcessManagerStore['fire']>[0];
