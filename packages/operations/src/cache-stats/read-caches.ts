import { type CacheStats, type JsonObject, KirokuError } from '@kiroku/core';
import { type Installation, serviceAddresses } from '../config/installation.ts';
import { meantName } from '../config/meant-name.ts';
import { type AskedProcess, askProcesses, type ServiceAddress } from '../processes/ask-processes.ts';

/** What the cache of one process holds and did. */
export interface CacheFigures extends CacheStats {
  /** Share of hits, 0 to 1; absent if nothing was asked. */
  readonly hitRate?: number;
  /** Names of the queries whose answers it keeps. */
  readonly queries: readonly string[];
  /** What it can be warmed up with. */
  readonly entities: readonly string[];
}

export interface ProcessCache extends ServiceAddress {
  /** Absent if the process cannot be reached; `reason` says why. */
  readonly cache?: CacheFigures;
  readonly reason?: string;
}

/** Where the processes answer that keep answers. Throws `NotFound` if the configuration names none. */
export function cacheAddresses(installation: Pick<Installation, 'config' | 'host' | 'ports' | 'instanceUrls'>): readonly ServiceAddress[] {
  const { name, services } = installation.config;
  const keeping = new Set(services.filter(({ keepsAnswers }) => keepsAnswers).map((each) => each.name));
  const keepers = serviceAddresses(installation).filter(({ service }) => keeping.has(service));
  if (keepers.length > 0) return keepers;
  throw new KirokuError('NotFound', `No service of ${name} keeps answers. Those that do have \`keepsAnswers: true\` in kiroku.config.ts.`);
}

/** What each process keeps, and how it is used. */
export async function readCaches(addresses: readonly ServiceAddress[]): Promise<readonly ProcessCache[]> {
  return (await askProcesses(addresses, { path: '/cache', read: figuresIn })).map(cacheOf);
}

/** Throws `NotFound` for the name of a query or an entity that none of the processes has. Of those that cannot be reached, nobody knows. */
export function requireCached(caches: readonly ProcessCache[], what: 'queries' | 'entities', names: readonly string[]): void {
  const known = [...new Set(caches.flatMap(({ cache }) => cache?.[what] ?? []))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined || caches.every(({ cache }) => cache === undefined)) return;
  const [one, which] = what === 'queries' ? ['query', 'whose answers are kept'] : ['entity', 'that can be warmed up'];
  throw new KirokuError('NotFound', `There is no ${one} ${JSON.stringify(unknown).slice(0, 100)} ${which}. ${meantName(unknown, known)}`);
}

/** For the audit log. */
export function figuresOf(caches: readonly ProcessCache[]): JsonObject[] {
  return caches.map(({ service, url, cache, reason }) => {
    if (cache === undefined) return { service, url, reason: reason ?? 'unknown' };
    const { queries: _queries, entities: _entities, ...figures } = cache;
    return { service, url, ...figures };
  });
}

function cacheOf({ service, url, told }: AskedProcess<CacheFigures>): ProcessCache {
  return { service, url, ...('answer' in told ? { cache: told.answer } : { reason: told.reason }) };
}

function figuresIn({ since, queries, entities, ...counted }: Readonly<Record<string, unknown>>): CacheFigures {
  const { entries, bytes, maxBytes, hits, misses, outdated } = counted;
  const counts = { entries, bytes, maxBytes, hits, misses, outdated };
  if (typeof since !== 'string' || !isNames(queries) || !isNames(entities) || !areCounts(counts))
    throw new Error('what answers there tells of no cache');
  const asked = counts.hits + counts.misses;
  return { since, ...counts, ...(asked > 0 && { hitRate: counts.hits / asked }), queries, entities };
}

function areCounts<K extends string>(counts: { readonly [name in K]: unknown }): counts is { readonly [name in K]: number } {
  return Object.values(counts).every((each) => typeof each === 'number');
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
