import {
  diffMoments,
  dropMoment,
  firstOfTables,
  listMoments,
  type OperatingStores,
  planReplay,
  queueReplay,
  type ReplayStores,
  type RowDifference,
  requireMoment,
} from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given, operatorOf } from './given.ts';
import {
  diffQuerySchema,
  diffSchema,
  momentFilterSchema,
  momentSchema,
  replayingSchema,
  replayPlanQuerySchema,
  replayPlanSchema,
} from './moment-schemas.ts';
import { jobSchema, onBehalfSchema, problem } from './operations-schemas.ts';

const tags = ['moments'];
const params = z.object({ name: z.string().describe('Of the moment.') });

export type MomentStores = ReplayStores & OperatingStores;

/** Looking at moments, building them as jobs, comparing and dropping them. */
export function momentRoutes(api: ZodApp, stores: MomentStores): void {
  readingRoutes(api, stores);
  buildingRoutes(api, stores);
  diffRoute(api, stores);
}

function readingRoutes(api: ZodApp, stores: MomentStores): void {
  api.get(
    '/moments',
    {
      schema: {
        operationId: 'listMoments',
        tags,
        summary: 'Moments that are built, oldest position first',
        querystring: momentFilterSchema,
        response: { 200: z.array(momentSchema).readonly(), default: problem },
      },
    },
    async ({ query: { limit, ...filter } }) => listMoments(stores, { limit, ...given(filter) }),
  );
  api.get(
    '/moments/:name',
    { schema: { operationId: 'showMoment', tags, summary: 'A moment', params, response: { 200: momentSchema, default: problem } } },
    async ({ params: { name } }) => requireMoment(stores, name),
  );
}

function buildingRoutes(api: ZodApp, stores: MomentStores): void {
  api.get(
    '/replay-plan',
    {
      schema: {
        operationId: 'planReplay',
        tags,
        summary: 'What a replay would build, and where',
        querystring: replayPlanQuerySchema,
        response: { 200: replayPlanSchema, default: problem },
      },
    },
    async ({ query: { projection, until, ...rest } }) => planReplay(stores, { until, ...given({ names: projection, ...rest }) }),
  );
  api.post(
    '/moments',
    {
      schema: {
        operationId: 'replay',
        tags,
        summary: 'Queue a job that builds read models as of a moment',
        body: replayingSchema,
        response: { 200: jobSchema, default: problem },
      },
    },
    async ({ body: { operator, reason, until, projections, ...rest } }) => {
      const plan = await planReplay(stores, { until, names: projections === 'all' ? [] : projections, ...given(rest) });
      return queueReplay(stores, { plan, operator: operatorOf({ operator, reason }) });
    },
  );
  api.post(
    '/moments/:name/drop',
    {
      schema: {
        operationId: 'dropMoment',
        tags,
        summary: 'Drop a moment with its schemas; the audit log notes who did',
        params,
        body: onBehalfSchema,
        response: { 200: momentSchema, default: problem },
      },
    },
    async ({ params: { name }, body }) => dropMoment(stores, { name, operator: operatorOf(body) }),
  );
}

function diffRoute(api: ZodApp, stores: MomentStores): void {
  api.get(
    '/moments/:before/diff/:after',
    {
      schema: {
        operationId: 'diffMoments',
        tags,
        summary: 'How rows differ between two moments, or a moment and `live`',
        params: z.object({ before: z.string().describe('Name of a moment.'), after: z.string().describe('Name of a moment, or `live`.') }),
        querystring: diffQuerySchema,
        response: { 200: diffSchema, default: problem },
      },
    },
    async ({ params: { before, after }, query: { projection: names, limit } }) => {
      const rows: RowDifference[] = [];
      const first = firstOfTables(limit);
      const onDifferences = (page: readonly RowDifference[]) => void rows.push(...first(page));
      const tables = await diffMoments(stores, { before, after, onDifferences, ...given({ names }) });
      return { tables, rows };
    },
  );
}
