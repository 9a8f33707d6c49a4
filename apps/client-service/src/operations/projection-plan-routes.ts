import { type ProjectionStores, planRebuild, planRetire, planRollback, planSwitch } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given } from './given.ts';
import { problem } from './operations-schemas.ts';
import {
  rebuildPlanQuerySchema,
  rebuildPlanSchema,
  retiredSchema,
  retireQuerySchema,
  switchedSchema,
  switchQuerySchema,
} from './projection-schemas.ts';

const tags = ['projections'];
const params = z.object({ name: z.string().describe('Of the projection.') });

/** What verbs on builds would do, and cost. */
export function planRoutes(api: ZodApp, stores: ProjectionStores): void {
  const planning = { tags, params, response: { 200: switchedSchema, default: problem } };
  api.get(
    '/projections/:name/switch',
    { schema: { ...planning, operationId: 'planSwitch', summary: 'Which build queries would read', querystring: switchQuerySchema } },
    async ({ params: { name }, query }) => planSwitch(stores, { name, ...given(query) }),
  );
  api.get(
    '/projections/:name/rollback',
    { schema: { ...planning, operationId: 'planRollback', summary: 'Which build queries would read again' } },
    async ({ params: { name } }) => planRollback(stores, name),
  );
  api.get(
    '/projections/:name/retire',
    {
      schema: {
        tags,
        params,
        operationId: 'planRetire',
        summary: 'Which builds would be dropped',
        querystring: retireQuerySchema,
        response: { 200: retiredSchema, default: problem },
      },
    },
    async ({ params: { name }, query }) => planRetire(stores, { name, ...given(query) }),
  );
  api.get(
    '/rebuild-plan',
    {
      schema: {
        tags,
        operationId: 'planRebuild',
        summary: 'What a rebuild would do, and cost',
        querystring: rebuildPlanQuerySchema,
        response: { 200: rebuildPlanSchema, default: problem },
      },
    },
    async ({ query: { projection: names, ...options } }) =>
      planRebuild(stores, { names: names ?? [], all: names === undefined, ...given(options) }),
  );
}
