import { availableParallelism } from 'node:os';
import type { FoldProjection, RecordedEvent } from '@kiroku/core';
import { areByStream } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';

/** Of a thread. */
export const leastThreadMemory = 160 * 1024 * 1024;
/** A shorter log is folded sooner than a thread has started. */
const eventsPerThread = 100_000;
const sampledEvents = 2_000;

/** How many threads fold a log of this length side by side, `asked` if somebody says; 0: it is folded in this one. */
export function threadsFor({ memoryBytes, head, asked }: ThreadsAsked): number {
  if (asked !== undefined) return asked === 1 ? 0 : asked;
  if (head < eventsPerThread || memoryBytes < leastThreadMemory) return 0;
  const processors = availableParallelism() - 1; // PostgreSQL, which makes the pages, needs one: two threads on two are slower than one
  return Math.max(1, Math.min(processors, Math.floor(memoryBytes / leastThreadMemory), Math.floor(head / eventsPerThread)));
}

interface ThreadsAsked {
  /** For all threads together. */
  readonly memoryBytes: number;
  /** Of the log. */
  readonly head: number;
  readonly asked: number | undefined;
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
