import type { ProcessCache, WarmedCache } from '@kiroku/operations';
import colors from 'picocolors';
import { formatBytes } from './format-bytes.ts';
import { formatCount } from './format-count.ts';
import { formatTime } from './format-job.ts';
import { print, printTable } from './print.ts';

/** What each process keeps, and of what. */
export function printCaches(caches: readonly ProcessCache[]): void {
  printTable(['service', 'entries', 'memory', 'hits', 'misses', 'outdated', 'hit rate', 'since', 'url'], caches.map(cacheRow));
  const named = caches.flatMap(({ cache }) => cache ?? []);
  if (named.length === 0) return;
  const names = (what: 'queries' | 'entities') => [...new Set(named.flatMap((each) => each[what]))].join(', ') || '-';
  print(`\nQueries: ${names('queries')}`);
  print(`Can be warmed up: ${names('entities')}`);
}

/** How much was asked for, and stayed. */
export function printWarmed(caches: readonly WarmedCache[]): void {
  const rows = caches.flatMap(({ service, url, entities }) =>
    entities.map(({ entity, asked, kept, all }) => [service, entity, formatCount(asked), formatCount(kept), all ? 'yes' : 'no', url]),
  );
  printTable(['service', 'entity', 'asked', 'kept', 'all', 'url'], rows);
  const every = caches.flatMap(({ entities }) => entities);
  if (every.some(({ all }) => !all)) print('\nNot all: there is more than --limit, or than could be asked for in a minute.');
  if (every.some(({ asked, kept }) => kept < asked))
    print('\nNot all is kept: it has changed since, read models are being caught up with, or QUERY_CACHE_MB is too small for it.');
}

function cacheRow({ service, url, cache, reason }: ProcessCache): readonly string[] {
  if (cache === undefined)
    return [service, colors.red(`unreachable: ${reason ?? 'it gave no reason'}`), ...Array<string>(6).fill('-'), url];
  const { entries, bytes, maxBytes, hits, misses, outdated, hitRate, since } = cache;
  const memory = maxBytes === 0 ? 'keeps nothing' : `${formatBytes(bytes)} of ${formatBytes(maxBytes)}`;
  const rate = hitRate === undefined ? '-' : `${(hitRate * 100).toFixed(1)} %`;
  return [service, ...[entries].map(formatCount), memory, ...[hits, misses, outdated].map(formatCount), rate, formatTime(since), url];
}
