import { type AppOptions, createApp, withOpenApi } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import { type CommandRoutesOptions, commandRoutes } from './command-routes.ts';

/** The command service's HTTP server, without what stands behind it. */
export async function createCommandApp(options: AppOptions & CommandRoutesOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const api = await withOpenApi(app, {
    title: 'Command service',
    version: '1',
    description: 'Decides commands and appends what they lead to. One route per command; rejections are 422 answers with a code.',
  });
  commandRoutes(api, options);
  return app;
}
