import { KirokuError, type OperatorAudit } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import { figuresOf, type ProcessCache, readCaches, requireCached } from '../cache-stats/read-caches.ts';
import type { Operator } from '../config/operator.ts';
import { askProcesses, requireAnswers, type ServiceAddress } from '../processes/ask-processes.ts';

export interface CacheWarmup {
  /** Names of entities, in the order in which they are asked about. */
  readonly entities: readonly string[];
  /** Rows of each that are asked about, at most, 1 to 100,000. Default 1,000. */
  readonly limit?: number;
}

/** Answers about an entity. */
export interface WarmedUp {
  readonly entity: string;
  /** How many were asked for. */
  readonly asked: number;
  /** How many of them are kept now. */
  readonly kept: number;
  /** `false`: there is more, beyond the limit or beyond what could be asked for in a minute. */
  readonly all: boolean;
}

export interface WarmedCache extends ServiceAddress {
  readonly entities: readonly WarmedUp[];
}

const defaultLimit = 1_000;
/** A process ends it after a minute, and may wait for its last answers. */
const timeoutMs = 80_000;
const words = { what: 'The cache', done: 'warmed up', doing: 'warm it up', tells: 'kiroku cache stats' };

/**
 * Has every process ask for answers about entities, so that it keeps them before somebody else asks. Throws `NotFound` for an entity that there is
 * not, `BadRequest` if processes keep nothing, or for a limit that is none, and `ServiceUnavailable` if one has not done it.
 */
export async function warmUpCaches(
  { addresses, audit }: { readonly addresses: readonly ServiceAddress[]; readonly audit: OperatorAudit },
  { warmup, operator }: { readonly warmup: CacheWarmup; readonly operator: Operator },
): Promise<readonly WarmedCache[]> {
  const { limit = defaultLimit } = warmup;
  const entities = [...new Set(warmup.entities)];
  const caches = await readCaches(addresses);
  requireWarmable(caches, { entities, limit });
  const body = { entities, limit, by: operator.name };
  return recordedRun(audit, operator, {
    verb: 'cache warmup',
    arguments: { entities, limit },
    before: async () => figuresOf(caches),
    run: async () => {
      const told = await askProcesses(addresses, { path: '/cache/warmup', method: 'POST', body, timeoutMs, read: warmedIn });
      return requireAnswers(told, words).map(({ service, url, answer }) => ({ service, url, entities: answer }));
    },
    after: (warmed) => warmed.map(({ entities: each, ...address }) => ({ ...address, entities: each.map((one) => ({ ...one })) })),
  });
}

/** Throws as `warmUpCaches` does, before anything is asked for. */
export function requireWarmable(caches: readonly ProcessCache[], { entities, limit = defaultLimit }: CacheWarmup): void {
  if (entities.length === 0) throw new KirokuError('BadRequest', 'Nothing would be asked for. Name at least one entity.');
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100_000)
    throw new KirokuError('BadRequest', 'A cache is warmed up with 1 to 100,000 rows of an entity. Give a limit in between.');
  requireCached(caches, 'entities', entities);
  const without = caches.find(({ cache }) => cache?.maxBytes === 0);
  if (without === undefined) return;
  const { service, url } = without;
  throw new KirokuError(
    'BadRequest',
    `${service} at ${url} keeps no answers, as its QUERY_CACHE_MB is 0, so there is nothing to warm up. Nothing was asked for.`,
  );
}

function warmedIn({ entities }: Readonly<Record<string, unknown>>): readonly WarmedUp[] {
  if (!Array.isArray(entities) || !entities.every(isWarmedUp)) throw new Error('what answers there says nothing of what it asked for');
  return entities;
}

function isWarmedUp(value: unknown): value is WarmedUp {
  if (typeof value !== 'object' || value === null) return false;
  const { entity, asked, kept, all } = value as Readonly<Record<string, unknown>>; // an object's fields may be anything
  return typeof entity === 'string' && typeof asked === 'number' && typeof kept === 'number' && typeof all === 'boolean';
}
