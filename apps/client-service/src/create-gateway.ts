import { readFile } from 'node:fs/promises';
import { type AppOptions, createApp } from '@kiroku/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import mercurius from 'mercurius';
import { type GatewayContext, gatewayContext } from './graphql/context.ts';
import { formatErrors } from './graphql/format-errors.ts';
import { mutations } from './graphql/mutations.ts';
import { payloads } from './graphql/payloads.ts';
import { queries } from './graphql/queries.ts';
import { scalars } from './graphql/scalars.ts';
import { guardOperations, type OperationLimits } from './guard-operations.ts';
import { pages } from './pages/pages.ts';
import { subscriptions } from './subscriptions/subscriptions.ts';

export interface GatewayOptions extends AppOptions, OperationLimits, Pick<GatewayContext, 'services' | 'changes'> {}

/** The GraphQL gateway's HTTP server, without the services behind it. */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const schema = await readFile(new URL('../src/schema.graphql', import.meta.url), 'utf8'); // the same file from src and from dist
  await app.register(mercurius, {
    schema,
    resolvers: { ...scalars, ...payloads, Query: queries, Mutation: mutations, Subscription: subscriptions },
    jit: 1,
    queryDepth: options.maxDepth,
    allowBatchedQueries: false,
    context: (request: FastifyRequest) => gatewayContext(options, request),
    errorFormatter: (execution, context) => formatErrors(execution, whereFrom(app, context)),
    subscription: {
      context: (_socket, request) => gatewayContext(options, request),
      verifyClient: ({ origin, req }, next) =>
        next(isSameOrigin(origin, req.headers.host), 403, 'Subscriptions are for pages of this address.'),
      keepAlive: 20_000,
    },
  });
  guardOperations(app, options);
  await app.register(pages, { schema });
  return app;
}

function whereFrom(app: FastifyInstance, context: object) {
  const request = 'request' in context ? (context as Partial<GatewayContext>).request : undefined; // absent when the context could not be made
  const reply = 'reply' in context ? (context as { reply?: { request?: FastifyRequest } }).reply : undefined;
  return { correlationId: request?.correlationId ?? reply?.request?.id ?? '', log: app.log };
}

/** Browsers say where a page comes from; other clients do not. A page of another origin may not open a socket here. */
function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
