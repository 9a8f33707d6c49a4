import type { JobControl } from '@kiroku/core';
import {
  type AlertReport,
  type AuditStores,
  actionFilter,
  type ConsumerStores,
  type HealthReport,
  jobChoice,
  type OperatingStores,
  type ProjectionStores,
  type ReplayStores,
  type SagaStores,
  type ServiceDoctor,
  type SteeringStores,
  type StreamStores,
  shownJob,
  steerJob,
} from '@kiroku/operations';
import { withOpenApi, type ZodApp, zodApp } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { alertRoute } from './alert-route.ts';
import { auditRoutes } from './audit-routes.ts';
import { type CacheStores, cacheRoutes } from './cache-routes.ts';
import { consumerRoutes } from './consumer-routes.ts';
import { doctorRoute } from './doctor-route.ts';
import { given, operatorOf } from './given.ts';
import { healthRoute } from './health-route.ts';
import { type LogLevelStores, logLevelRoutes } from './log-level-routes.ts';
import { momentRoutes } from './moment-routes.ts';
import {
  actionFilterSchema,
  actionSchema,
  jobFilterSchema,
  jobSchema,
  linesToShowSchema,
  onBehalfSchema,
  problem,
  shownJobSchema,
} from './operations-schemas.ts';
import { projectionRoutes } from './projection-routes.ts';
import { requireWellFormed } from './require-well-formed.ts';
import { sagaRoutes } from './saga-routes.ts';
import { streamRoutes } from './stream-routes.ts';

const params = z.object({ id: z.string().describe('Of the job.') });
const controls: readonly JobControl[] = ['pause', 'resume', 'cancel'];

export interface OperationsApiOptions {
  readonly stores: OperatingStores;
  /** Without them there are no routes of commands in the audit, nor of its chains. */
  readonly audit?: AuditStores;
  /** Looks at everything; without it there is no route of health. */
  readonly health?: () => Promise<HealthReport>;
  /** Tells what is wrong; without it there is no route of alerts. */
  readonly alerts?: () => Promise<AlertReport>;
  /** Looks for what does not fit together; without it there is no route of it. */
  readonly doctor?: ServiceDoctor;
  /** Where the services answer whose log levels can be changed; without it there are no routes of them. */
  readonly logs?: LogLevelStores['addresses'];
  /** Where the gateways answer whose caches can be steered; without it there are no routes of them. */
  readonly caches?: CacheStores['addresses'];
  /** Without them there are no routes of projections. */
  readonly projections?: ProjectionStores;
  /** Without them there are no routes of consumers. */
  readonly consumers?: ConsumerStores;
  /** Without them there are no routes of sagas. */
  readonly sagas?: SagaStores;
  /** Without them there are no routes of moments. */
  readonly moments?: ReplayStores;
  /** Without them there are no routes of streams. */
  readonly streams?: StreamStores;
}

/**
 * What operators do, over HTTP under /operations, described at /operations/openapi.json. A change needs a JSON body: a page of another origin
 * cannot send one.
 */
export async function operationsApi(app: FastifyInstance, options: OperationsApiOptions): Promise<void> {
  const { stores, audit, health, alerts, doctor, logs, caches, projections, consumers, sagas, moments, streams } = options;
  await withOpenApi(app, {
    title: 'Operations',
    version: '1',
    description: 'The verbs of the kiroku command line, over HTTP.',
  });
  app.addHook('preValidation', requireWellFormed);
  const api = zodApp(app);
  jobRoutes(api, { ...stores, ...(projections && { builds: projections.builds }) });
  auditRoute(api, stores);
  if (audit !== undefined) auditRoutes(api, audit);
  if (health !== undefined) healthRoute(api, health);
  if (alerts !== undefined) alertRoute(api, alerts);
  if (doctor !== undefined) doctorRoute(api, doctor);
  if (logs !== undefined) logLevelRoutes(api, { addresses: logs, audit: stores.audit });
  if (caches !== undefined) cacheRoutes(api, { addresses: caches, audit: stores.audit });
  if (projections !== undefined) projectionRoutes(api, projections);
  if (consumers !== undefined) consumerRoutes(api, consumers);
  if (sagas !== undefined) sagaRoutes(api, sagas);
  if (moments !== undefined) momentRoutes(api, { ...moments, ...stores });
  if (streams !== undefined) streamRoutes(api, streams);
}

function jobRoutes(api: ZodApp, stores: SteeringStores): void {
  const { jobs } = stores;
  api.get(
    '/jobs',
    {
      schema: {
        operationId: 'listJobs',
        tags: ['jobs'],
        summary: 'The latest jobs',
        querystring: jobFilterSchema,
        response: { 200: z.array(jobSchema).readonly(), default: problem },
      },
    },
    async ({ query: { state, limit, ...query } }) => jobs.jobs(jobChoice({ limit, ...given({ states: state, ...query }) })),
  );
  api.get(
    '/jobs/:id',
    {
      schema: {
        operationId: 'showJob',
        tags: ['jobs'],
        summary: 'A job and the last lines of its log',
        params,
        querystring: linesToShowSchema,
        response: { 200: shownJobSchema, default: problem },
      },
    },
    async ({ params: { id }, query: { lines, ...query } }) => shownJob(jobs, id, { lines, ...given(query) }),
  );
  for (const control of controls) {
    api.post(
      `/jobs/:id/${control}`,
      {
        schema: {
          operationId: `${control}Job`,
          tags: ['jobs'],
          summary: `${control} a job; the audit log notes who did`,
          params,
          body: onBehalfSchema,
          response: { 200: jobSchema, default: problem },
        },
      },
      async ({ params: { id }, body }) => steerJob(stores, { id, control, operator: operatorOf(body) }),
    );
  }
}

function auditRoute(api: ZodApp, { audit }: OperatingStores): void {
  api.get(
    '/audit',
    {
      schema: {
        operationId: 'listActions',
        tags: ['audit'],
        summary: 'What operators did, latest first',
        querystring: actionFilterSchema,
        response: { 200: z.array(actionSchema).readonly(), default: problem },
      },
    },
    async ({ query: { limit, ...query } }) => audit.actions(actionFilter({ limit, ...given(query) })),
  );
}
