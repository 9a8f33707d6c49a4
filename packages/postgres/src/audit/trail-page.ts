import type { TrailPage } from '@kiroku/core';

/** Entries that a page has at most. */
export const mostEntries = 500;

/** How to look through a trail. Places are numbers without gaps. */
export interface TrailReading<Entry> {
  /** The first and last place that can be wanted. */
  readonly first: number;
  readonly last: number;
  /** Where to end; default: after the last. */
  readonly before: number | undefined;
  /** Places looked through at once. */
  readonly span: number;
  /** What is wanted between two places, latest first, at most `mostEntries`. */
  readonly read: (from: number, to: number) => Promise<TrailPage<Entry>['entries']>;
  readonly timeAt: (place: number) => Promise<string | undefined>;
}

/** Looks through the part of a trail that ends before a place. */
export async function trailPage<Entry>(reading: TrailReading<Entry>): Promise<TrailPage<Entry>> {
  const { first, last, before = Number.POSITIVE_INFINITY, span, read, timeAt } = reading;
  const to = Math.min(before - 1, last);
  if (to < first) return { entries: [], looked: 0 };
  const from = Math.max(first, to - span + 1);
  const entries = await read(from, to);
  const full = entries.length === mostEntries ? entries.at(-1) : undefined;
  const end = full?.place ?? from;
  const looked = to - end + 1;
  if (end <= first) return { entries, looked };
  const reached = full?.at ?? (await timeAt(end));
  return { entries, next: end, looked, ...(reached !== undefined && { reached }) };
}
