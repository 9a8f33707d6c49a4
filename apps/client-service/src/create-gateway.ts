import { readFile } from 'node:fs/promises';
import { type AppOptions, cacheRoutes, createApp, type OperatedCache } from '@kiroku/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import mercurius from 'mercurius';
import { type GatewayContext, gatewayContext } from './graphql/context.ts';
import { countFailedOperations } from './graphql/count-failed-operations.ts';
import { maxErrors, maxTokens } from './graphql/document.ts';
import { formatErrors } from './graphql/format-errors.ts';
import type { OperationLimits } from './graphql/limits.ts';
import { money } from './graphql/money.ts';
import { mutations } from './graphql/mutations.ts';
import { payloads } from './graphql/payloads.ts';
import { queries } from './graphql/queries.ts';
import { scalars } from './graphql/scalars.ts';
import { traceOperations } from './graphql/trace-operations.ts';
import { guardOperations } from './guard-operations.ts';
import { type OperationsApiOptions, operationsApi } from './operations/operations-api.ts';
import { pages } from './pages/pages.ts';
import { type SubscriptionOptions, serveSubscriptions } from './subscriptions/serve-subscriptions.ts';

export interface GatewayOptions
  extends AppOptions,
    OperationLimits,
    Pick<GatewayContext, 'services' | 'changes'>,
    Pick<SubscriptionOptions, 'maxConnections' | 'maxSubscriptions'> {
  /** Serves the operations API from these; without them there is none. */
  readonly operations?: OperationsApiOptions;
  /** What answers are kept in, for operators; without it there are no routes of it. */
  readonly cache?: OperatedCache;
}

/**
 * Documents that are kept parsed, and as many again that were refused. Each list may grow to twice that, and a document of the longest kind takes
 * 0.7 MB with its checks, a refused one 1.1: mercurius's 1,024 filled a heap of 2 GB with 2,000 requests.
 */
const keptDocuments = 100;

/** The GraphQL gateway's HTTP server, without the services behind it. */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const schema = await readFile(new URL('../src/schema.graphql', import.meta.url), 'utf8'); // the same file from src and from dist
  const failed = options.metrics && countFailedOperations(options.metrics);
  await app.register(mercurius, {
    schema,
    resolvers: { ...scalars, ...money, ...payloads, Query: queries, Mutation: mutations },
    jit: 1,
    queryDepth: options.maxDepth,
    graphql: { parseOptions: { maxTokens }, validateOptions: { maxErrors } },
    cache: keptDocuments,
    allowBatchedQueries: false,
    context: (request: FastifyRequest) => gatewayContext(options, request),
    errorFormatter: (execution, context) => {
      const formatted = formatErrors(execution, whereFrom(app, context));
      failed?.(formatted.response.errors);
      return formatted;
    },
  });
  guardOperations(app, options);
  if (options.tracing !== undefined) traceOperations(app, options.tracing);
  serveSubscriptions(app, app.graphql.schema, options);
  if (options.operations !== undefined) await app.register(operationsApi, { prefix: '/operations', ...options.operations });
  if (options.cache !== undefined) await app.register(cacheRoutes, options.cache);
  await app.register(pages, { schema });
  return app;
}

function whereFrom(app: FastifyInstance, context: object) {
  const request = 'request' in context ? (context as Partial<GatewayContext>).request : undefined; // absent when the context could not be made
  const reply = 'reply' in context ? (context as { reply?: { request?: FastifyRequest } }).reply : undefined;
  return { correlationId: request?.correlationId ?? reply?.request?.id ?? '', log: reply?.request?.log ?? app.log };
}
