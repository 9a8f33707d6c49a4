import type { Metrics } from './metrics.ts';

/** Counts looks into a cache: whether what was asked for was there. */
export function countLookups(metrics: Metrics, cache: string): (found: boolean) => void {
  const lookups = metrics.counter('cacheLookups');
  for (const result of ['hit', 'miss']) lookups.inc({ cache, result }, 0); // known from the start: a rate needs two values
  return (found) => lookups.inc({ cache, result: found ? 'hit' : 'miss' });
}

/** Tells how much a cache holds. */
export function tellOfCache(metrics: Metrics, cache: string, stats: () => { readonly entries: number; readonly bytes: number }): void {
  metrics.atScrape((set) => {
    const { entries, bytes } = stats();
    set('cacheEntries', entries, { cache });
    set('cacheBytes', bytes, { cache });
  });
}
