import { availableParallelism } from 'node:os';
import type { FoldProjection, RecordedEvent } from '@kiroku/core';
import { areByStream } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';

/** Of a thread: some 50 MB are taken by the code and the page that is read. */
export const leastThreadMemory = 128 * 1024 * 1024;
const sampledEvents = 2_000;

/** Of a shorter log, a thread would take longer to start than it saves. */
const eventsPerThread = 100_000;

/** How many threads fold a log of this length side by side unless somebody says. */
export function defaultParallel(memoryBytes: number, head: number): number {
  const most = Math.min(availableParallelism(), Math.floor(memoryBytes / leastThreadMemory), Math.floor(head / eventsPerThread));
  return Math.max(1, most);
}

/**
 * In how many parts of the log a projection is folded side by side: more than one only if its rows are by the ids of streams, as far as some
 * events at the beginning, in the middle and at the end show.
 */
export async function partsOfLog(
  { events }: Pick<ProjectionStores, 'events'>,
  projection: FoldProjection,
  { parallel, head }: { readonly parallel: number; readonly head: number },
): Promise<number> {
  if (parallel === 1) return 1;
  const sample: RecordedEvent[] = [];
  for (const after of [0, Math.floor(head / 2), Math.max(0, head - sampledEvents)]) {
    const page = await events.readLog({ after, filter: { types: projection.eventTypes }, pageSize: sampledEvents });
    sample.push(...page.events);
  }
  return areByStream(projection, sample) ? parallel : 1;
}
