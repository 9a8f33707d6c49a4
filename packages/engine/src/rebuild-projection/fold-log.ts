import type { EventStore } from '@kiroku/core';
import type { MemoryFold } from './memory-fold.ts';
import { type ReadPagesOptions, readPages } from './read-pages.ts';
import type { Share } from './share.ts';

export interface FoldLogOptions extends Pick<ReadPagesOptions, 'part' | 'pageSize' | 'signal'> {
  readonly eventStore: Pick<EventStore, 'readLog'>;
  /** Each goes on from where it is. */
  readonly folds: readonly MemoryFold[];
  /** Last position to fold. */
  readonly until: number;
  /** What the process may grow by. Default: no bound. Fewer than a thousand rows are kept in any case. */
  readonly memoryBytes?: number;
  /** Whether V8 was given this as the limit of its heap: then more of it may be rows. Default false. */
  readonly heapIsLimited?: boolean;
  /** Told what a fold gave up to stay within the memory: to be folded in another pass. */
  readonly onGivenUp?: (fold: MemoryFold, share: Share) => void;
  /** Told after each page; what it returns is waited for: it may slow the fold down. */
  readonly onPage?: (position: number) => Promise<void> | void;
}

/** Brings folds up to a position, in one pass over the log. */
export async function foldLog(options: FoldLogOptions): Promise<void> {
  const { folds, until, memoryBytes = Number.POSITIVE_INFINITY, heapIsLimited = false, onGivenUp, onPage } = options;
  const types = [...new Set(folds.flatMap(({ projection }) => projection.eventTypes))];
  const after = Math.min(...folds.map(({ position }) => position));
  const rowBytes = rowBytesWithin(memoryBytes, { heapIsLimited });
  for await (const { events, position } of readPages({ ...options, types, after })) {
    for (const fold of folds) fold.fold(events, position);
    shrink(folds, rowBytes, onGivenUp);
    await onPage?.(position);
  }
  for (const fold of folds) fold.fold([], until);
}

function shrink(folds: readonly MemoryFold[], rowBytes: number, onGivenUp: FoldLogOptions['onGivenUp']): void {
  for (;;) {
    const sizes = folds.map((fold) => ({ fold, bytes: fold.bytes }));
    const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    const used = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (used <= rowBytes || largest.fold.rows <= smallest) return;
    onGivenUp?.(largest.fold, largest.fold.halve());
  }
}

/** How many bytes of rows, by estimate, fit into what a process, or a thread with a limited heap, may grow by. */
export function rowBytesWithin(memoryBytes: number, { heapIsLimited = false }: Pick<FoldLogOptions, 'heapIsLimited'> = {}): number {
  const roomy = memoryBytes / memoryPerRowByte;
  return heapIsLimited ? Math.max(roomy, (memoryBytes - besidesRows) / limitedMemoryPerRowByte) : roomy;
}

/**
 * Between two collections V8 lets its heap grow to four times what is in use, which is some 45 MB more than the rows: with a quarter of 256 MB for rows
 * a process grew by 470 MB (on a busy machine, whose collector is late).
 */
const memoryPerRowByte = 6;
/** Near the limit of its heap V8 collects more often. Rows take up to 1.3 of their estimate, and a map that grows is there twice. */
const limitedMemoryPerRowByte = 2.5;
/** What a thread takes for code, pages and progress. */
const besidesRows = 200 * 1024 * 1024;

/** Fewer rows are not split: a bound that is smaller than they are cannot be kept. */
const smallest = 1_000;
