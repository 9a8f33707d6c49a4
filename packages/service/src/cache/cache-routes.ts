import { KirokuError } from '@kiroku/core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { answerSignal } from '../http/answer-signal.ts';
import { requestContext } from '../http/request-context.ts';
import type { AnswerCache } from './answer-cache.ts';
import { type Warmup, warmUp } from './warm-up.ts';

const cachePath = '/cache';
const clearPath = '/cache/clear';
const warmupPath = '/cache/warmup';
export const cachePaths: readonly string[] = [cachePath, clearPath, warmupPath];

/** A cache of answers, as operators see it. */
export interface OperatedCache {
  readonly cache: AnswerCache;
  /** Names of the queries whose answers it keeps, with keys of `answerKey`. */
  readonly queries: readonly string[];
  /** What can be asked for so that it is kept, by the name of the entity. Default: nothing. */
  readonly warmups?: { readonly [entity: string]: Warmup };
}

const by = z.string().max(200).optional();
const clearSchema = z.strictObject({ query: z.string().max(200).optional(), by });
const warmupSchema = z.strictObject({
  entities: z.array(z.string().max(200)).min(1).max(100),
  limit: z.int().min(1).max(100_000),
  by,
});

/**
 * The cache of answers in the memory of this process: GET tells of it, POSTs clear it and fill it. The verbs `cache stats`, `clear` and `warmup` use
 * them, and audit what they change.
 */
export async function cacheRoutes(app: FastifyInstance, { cache, queries, warmups = {} }: OperatedCache): Promise<void> {
  const hide = { schema: { hide: true } };
  const entities = Object.keys(warmups);
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort(new KirokuError('Stopping', 'This instance stops, and asks for no more answers.')));

  app.get(cachePath, hide, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ ...cache.stats, queries, entities }),
  );

  app.post(clearPath, hide, async ({ body, log }) => {
    const asked = clearSchema.safeParse(body);
    if (!asked.success) throw new KirokuError('BadRequest', 'Nothing was cleared. Send {} for all answers, or { "query": its name }.');
    const { query } = asked.data;
    if (query !== undefined) requireNames('query', [query], queries);
    const cleared = cache.clear(query);
    log.info({ ...asked.data, cleared }, 'cleared answers');
    return { cleared };
  });

  app.post(warmupPath, hide, async (request, reply) => {
    const asked = warmupSchema.safeParse(request.body);
    if (!asked.success)
      throw new KirokuError('BadRequest', 'Nothing was asked for. Send { "entities": names of them, "limit": 1 to 100000 of each }.');
    const { entities: wanted, limit } = asked.data;
    requireNames('entity', wanted, entities);
    if (cache.stats.maxBytes === 0)
      throw new KirokuError('BadRequest', 'This process keeps no answers, as QUERY_CACHE_MB is 0. Nothing was asked for.');
    const signal = AbortSignal.any([answerSignal(reply), stopping.signal]);
    const warmed = await warmUp(cache, warmups, { entities: [...new Set(wanted)], limit, context: requestContext(request), signal });
    request.log.info({ ...asked.data, warmed }, 'warmed up');
    return { entities: warmed };
  });
}

function requireNames(what: 'query' | 'entity', names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new KirokuError('NotFound', `There is no ${what} ${JSON.stringify(unknown)} here. There are: ${known.join(', ') || 'none'}.`);
}
