import type { DueTimer, EventMetadata, ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { lockInstances, writeChanges } from './instances.ts';

interface TimerRow {
  readonly id: string;
  readonly instance: string;
  readonly name: string;
  readonly due_at: string;
  readonly at: string;
  readonly metadata: EventMetadata;
}

/**
 * Fires due timers: finds them without locking, locks their instances as every other change does, and only then takes those that are still
 * as they were. Instances that somebody is changing keep their timers for the next look. Returns how many it took.
 */
export async function fireTimers(
  client: pg.PoolClient,
  { processManager, limit, react, sinceMs }: Parameters<ProcessManagerStore['fire']>[0] & { readonly sinceMs: number },
): Promise<number> {
  const found = await client.query<TimerRow>({
    ...statement('process_managers/due_timers'),
    values: [processManager, limit, sinceMs],
  });
  if (found.rows.length === 0) return 0;
  const instances = await lockInstances(client, processManager, [...new Set(found.rows.map(({ instance }) => instance))], true);
  const free = found.rows.filter(({ instance }) => instances.has(instance));
  const taken = await client.query<{ id: string }>({
    ...statement('process_managers/take_timers'),
    values: [processManager, free.map(({ instance }) => instance), free.map(({ name }) => name), free.map(({ id }) => id)],
  });
  const ids = new Set(taken.rows.map(({ id }) => id));
  const timers = free.filter(({ id }) => ids.has(id)).map(({ due_at, ...row }): DueTimer => ({ ...row, processManager, dueAt: due_at }));
  if (timers.length > 0) await writeChanges(client, processManager, react(timers, instances));
  return timers.length;
}
