import {
  chosenProjections,
  listParkedKeys,
  listProjections,
  type ParkedVerb,
  type ProjectionStores,
  pauseProjections,
  planRetire,
  planRollback,
  planSwitch,
  queueProjectionVerify,
  queueRebuild,
  retireBuilds,
  settleParkedKeys,
  showProjection,
  switchProjection,
  verifiable,
} from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given, operatorOf } from './given.ts';
import { jobSchema, problem } from './operations-schemas.ts';
import { planRoutes } from './projection-plan-routes.ts';
import {
  parkedFilterSchema,
  parkedKeySchema,
  pausedVersionSchema,
  pausingSchema,
  projectionSchema,
  rebuildingSchema,
  retiredSchema,
  retiringSchema,
  rollingBackSchema,
  settledKeySchema,
  settlingSchema,
  shownProjectionSchema,
  switchedSchema,
  switchingSchema,
  verifyingSchema,
} from './projection-schemas.ts';

const tags = ['projections'];
const params = z.object({ name: z.string().describe('Of the projection.') });
const parkedVerbs: readonly ParkedVerb[] = ['retry', 'skip', 'discard'];

/** Looking at projections, steering them, settling what is parked, and starting the jobs that make and verify builds. */
export function projectionRoutes(api: ZodApp, stores: ProjectionStores): void {
  readingRoutes(api, stores);
  pausingRoutes(api, stores);
  parkedRoutes(api, stores);
  jobRoutes(api, stores);
  buildRoutes(api, stores);
  planRoutes(api, stores);
}

function readingRoutes(api: ZodApp, stores: ProjectionStores): void {
  api.get(
    '/projections',
    {
      schema: {
        operationId: 'listProjections',
        tags,
        summary: 'Every version of every projection, and how it is',
        response: { 200: z.array(projectionSchema).readonly(), default: problem },
      },
    },
    async () => listProjections(stores),
  );
  api.get(
    '/projections/:name',
    {
      schema: {
        operationId: 'showProjection',
        tags,
        summary: 'Versions, builds, partitions, tables and parked keys of a projection',
        params,
        response: { 200: shownProjectionSchema, default: problem },
      },
    },
    async ({ params: { name } }) => showProjection(stores, name),
  );
}

function pausingRoutes(api: ZodApp, stores: ProjectionStores): void {
  for (const verb of ['pause', 'resume'] as const) {
    api.post(
      `/projections/${verb}`,
      {
        schema: {
          operationId: `${verb}Projections`,
          tags,
          summary: `${verb} projections; the audit log notes who did`,
          body: pausingSchema,
          response: { 200: z.array(pausedVersionSchema).readonly(), default: problem },
        },
      },
      async ({ body: { names, ...behalf } }) => pauseProjections(stores, { names, paused: verb === 'pause', operator: operatorOf(behalf) }),
    );
  }
}

function parkedRoutes(api: ZodApp, stores: ProjectionStores): void {
  api.get(
    '/parked-keys',
    {
      schema: {
        operationId: 'listParkedKeys',
        tags,
        summary: 'Keys whose events could not be folded, oldest first',
        querystring: parkedFilterSchema,
        response: { 200: z.array(parkedKeySchema).readonly(), default: problem },
      },
    },
    async ({ query: { limit, ...query } }) => listParkedKeys(stores, { limit, ...given(query) }),
  );
  for (const verb of parkedVerbs) {
    api.post(
      `/projections/:name/parked/${verb}`,
      {
        schema: {
          operationId: `${verb}ParkedKeys`,
          tags,
          summary: `${verb} parked keys${verb === 'retry' ? '' : ', for a reason'}; the audit log notes who did`,
          params,
          body: settlingSchema,
          response: { 200: z.array(settledKeySchema).readonly(), default: problem },
        },
      },
      async ({ params: { name }, body: { keys, ...behalf } }) =>
        settleParkedKeys(stores, { projection: name, verb, keys, operator: operatorOf(behalf) }),
    );
  }
}

function jobRoutes(api: ZodApp, stores: ProjectionStores): void {
  const start = { tags, response: { 200: jobSchema, default: problem } };
  api.post(
    '/projections/rebuild',
    {
      schema: { ...start, operationId: 'rebuildProjections', summary: 'Queue a job that builds projections anew', body: rebuildingSchema },
    },
    async ({ body: { operator, reason, projections, ...options } }) =>
      queueRebuild(stores, {
        wanted: { ...given(options), projections: chosen(stores, projections) },
        operator: operatorOf({ operator, reason }),
      }),
  );
  api.post(
    '/projections/verify',
    {
      schema: {
        ...start,
        operationId: 'verifyProjections',
        summary: 'Queue a job that compares projections with the log',
        body: verifyingSchema,
      },
    },
    async ({ body: { operator, reason, projections, ...options } }) =>
      queueProjectionVerify(stores, {
        wanted: { ...given(options), projections: verifiable(stores, projections === 'all' ? [] : projections) },
        operator: operatorOf({ operator, reason }),
      }),
  );
}

function buildRoutes(api: ZodApp, stores: ProjectionStores): void {
  const switching = { tags, params, response: { 200: switchedSchema, default: problem } };
  api.post(
    '/projections/:name/switch',
    { schema: { ...switching, operationId: 'switchProjection', summary: 'Make queries read another build', body: switchingSchema } },
    async ({ params: { name }, body: { build, force = false, ...behalf } }) => {
      const plan = await planSwitch(stores, { name, ...given({ build }) });
      return await switchProjection(stores, { plan, verb: 'projection switch', force, operator: operatorOf(behalf) });
    },
  );
  api.post(
    '/projections/:name/rollback',
    { schema: { ...switching, operationId: 'rollbackProjection', summary: 'Make queries read the build before', body: rollingBackSchema } },
    async ({ params: { name }, body: { force = false, ...behalf } }) => {
      const plan = await planRollback(stores, name);
      return await switchProjection(stores, { plan, verb: 'projection rollback', force, operator: operatorOf(behalf) });
    },
  );
  api.post(
    '/projections/:name/retire',
    {
      schema: {
        tags,
        params,
        operationId: 'retireProjection',
        summary: 'Drop builds that nobody reads',
        body: retiringSchema,
        response: { 200: retiredSchema, default: problem },
      },
    },
    async ({ params: { name }, body: { build, version, ...behalf } }) => {
      const plan = await planRetire(stores, { name, ...given({ build, version }) });
      await retireBuilds(stores, { plan, operator: operatorOf(behalf) });
      return plan;
    },
  );
}

function chosen(stores: ProjectionStores, names: readonly string[] | 'all') {
  const found = chosenProjections(stores, names === 'all' ? [] : names, names === 'all');
  return found.map(({ name, version }) => ({ name, version }));
}
