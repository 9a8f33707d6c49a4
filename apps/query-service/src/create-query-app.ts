import { type AppOptions, createApp, withOpenApi } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import { type QueryRoutesOptions, queryRoutes } from './answering/query-routes.ts';
import { type ChangesRouteOptions, changesRoute } from './changes/changes-route.ts';

/** The query service's HTTP server, without what stands behind it. */
export async function createQueryApp(options: AppOptions & QueryRoutesOptions & ChangesRouteOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const api = await withOpenApi(app, {
    title: 'Query service',
    version: '1',
    description: 'Answers queries from the read models. Every answer says up to which position of the log it goes.',
  });
  queryRoutes(api, options);
  changesRoute(api, options);
  return app;
}
