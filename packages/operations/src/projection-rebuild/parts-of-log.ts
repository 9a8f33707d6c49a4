import { availableParallelism } from 'node:os';
import type { FoldProjection, RecordedEvent } from '@kiroku/core';
import { areByStream } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';

/** Of a thread. */
export const leastThreadMemory = 160 * 1024 * 1024;
/** A shorter log is folded sooner than a thread has started. */
const eventsPerThread = 100_000;
const sampledEvents = 2_000;

/** How many threads fold a log of this length side by side unless somebody says; 0: it is folded in this one. */
export function defaultThreads(memoryBytes: number, head: number): number {
  if (head < eventsPerThread) return 0;
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
  { threads, head }: { readonly threads: number; readonly head: number },
): Promise<number> {
  if (threads <= 1) return 1;
  const sample: RecordedEvent[] = [];
  for (const after of [0, Math.floor(head / 2), Math.max(0, head - sampledEvents)]) {
    const page = await events.readLog({ after, filter: { types: projection.eventTypes }, pageSize: sampledEvents });
    sample.push(...page.events);
  }
  return areByStream(projection, sample) ? threads : 1;
}
