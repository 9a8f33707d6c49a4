import { type AppOptions, createApp, withOpenApi } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import type { AnsweredCalls } from './boundaries/answered-calls.ts';
import { type CommandRoutesOptions, commandRoutes } from './command-routes.ts';
import { webhookRoutes } from './webhooks/webhook-routes.ts';

export interface CommandAppOptions extends AppOptions, CommandRoutesOptions {
  /** What webhooks are signed with; without it none are taken. */
  readonly webhookSecret?: string;
  /** Calls whose outcomes are recorded as their answers; what is announced of them needs no recording. */
  readonly answered?: AnsweredCalls;
}

/** The command service's HTTP server, without what stands behind it. */
export async function createCommandApp(options: CommandAppOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const api = await withOpenApi(app, {
    title: 'Command service',
    version: '1',
    description: 'Decides commands and appends what they lead to. One route per command; rejections are 422 answers with a code.',
  });
  commandRoutes(api, options);
  const { handle, now, answered, webhookSecret: secret } = options;
  if (secret !== undefined) await app.register(webhookRoutes, { handle, secret, ...(answered && { answered }), ...(now && { now }) });
  return app;
}
