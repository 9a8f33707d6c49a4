import { clearCaches, type OperatingStores, readCaches, type ServiceAddress, warmUpCaches } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given, operatorOf } from './given.ts';
import { onBehalfSchema, problem, time } from './operations-schemas.ts';

const address = { service: z.string(), url: z.string() };
const count = z.int();

const figuresSchema = z.object({
  since: time.describe('Counted since the process began, or since everything was cleared.'),
  entries: count,
  bytes: count,
  maxBytes: count.describe('0: it keeps nothing.'),
  hits: count,
  misses: count,
  outdated: count.describe('Misses of what was there and had changed.'),
  hitRate: z.number().optional().describe('Share of hits, 0 to 1; absent if nothing was asked.'),
  queries: z.array(z.string()).readonly().describe('Those whose answers it keeps.'),
  entities: z.array(z.string()).readonly().describe('What it can be warmed up with.'),
});

const cachesSchema = z
  .array(
    z.object({
      ...address,
      cache: figuresSchema.optional().describe('Absent if the process cannot be reached.'),
      reason: z.string().optional().describe('Why it cannot be reached.'),
    }),
  )
  .readonly();

const clearedSchema = z.array(z.object({ ...address, cleared: count.describe('Answers that were given up.') })).readonly();

const warmedSchema = z
  .array(
    z.object({
      ...address,
      entities: z
        .array(
          z.object({
            entity: z.string(),
            asked: count.describe('Answers that were asked for.'),
            kept: count.describe('How many of them are kept now.'),
            all: z.boolean().describe('false: there is more, beyond the limit or beyond what could be asked for in a minute.'),
          }),
        )
        .readonly(),
    }),
  )
  .readonly();

const clearingSchema = onBehalfSchema.extend({ query: z.string().max(200).optional().describe('Only answers to it. Default: to all.') });

const warmingSchema = onBehalfSchema.extend({
  entities: z.array(z.string().max(200)).min(1).max(100).describe('In the order in which they are asked about.'),
  limit: z.int().min(1).max(100_000).optional().describe('Rows of each that are asked about, at most. Default: 1000.'),
});

export interface CacheStores extends Pick<OperatingStores, 'audit'> {
  readonly addresses: readonly ServiceAddress[];
}

/** The caches of answers in the memory of the gateways that this one knows: of itself, unless it is told of others. */
export function cacheRoutes(api: ZodApp, stores: CacheStores): void {
  api.get(
    '/caches',
    {
      schema: {
        operationId: 'listCaches',
        tags: ['caches'],
        summary: 'What the cache of answers of every gateway holds, and how it is used',
        response: { 200: cachesSchema, default: problem },
      },
    },
    async () => readCaches(stores.addresses),
  );
  api.post(
    '/caches/clear',
    {
      schema: {
        operationId: 'clearCaches',
        tags: ['caches'],
        summary: 'Have everything read again, or answers to one query; the audit log notes who did',
        body: clearingSchema,
        response: { 200: clearedSchema, default: problem },
      },
    },
    async ({ body: { operator, reason, ...choice } }) =>
      clearCaches(stores, { ...given(choice), operator: operatorOf({ operator, reason }) }),
  );
  api.post(
    '/caches/warmup',
    {
      schema: {
        operationId: 'warmUpCaches',
        tags: ['caches'],
        summary: 'Ask for answers about entities, so that they are kept; the audit log notes who did',
        body: warmingSchema,
        response: { 200: warmedSchema, default: problem },
      },
    },
    async ({ body: { operator, reason, entities, ...rest } }) =>
      warmUpCaches(stores, { warmup: { entities, ...given(rest) }, operator: operatorOf({ operator, reason }) }),
  );
}
