import { inexactNumber, KirokuError } from '@kiroku/core';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { cachePaths } from '../cache/cache-routes.ts';
import type { Health } from '../health/health.ts';
import { bindLogger, type Logger, plainFields } from '../logging/create-logger.ts';
import { withLogContext } from '../logging/log-context.ts';
import { logLevelPath } from '../logging/log-level-routes.ts';
import { countRequests } from '../metrics/http-metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { metricsPath } from '../metrics/metrics-routes.ts';
import { traceContextOf } from '../tracing/trace-context.ts';
import { traceRequests } from '../tracing/trace-requests.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { logAnswer } from './answer-line.ts';
import { ReceiverGone } from './answer-signal.ts';
import { answerClientError } from './client-error.ts';
import { healthRoutes } from './health-routes.ts';
import { toProblem } from './problem.ts';
import { correlationHeader, correlationIdFrom } from './request-context.ts';
import { originSettler } from './request-origin.ts';

export interface AppOptions {
  readonly logger: Logger;
  readonly health: Health;
  /** Milliseconds a request may take to arrive completely. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Counts and times the requests. Default: nobody does. */
  readonly metrics?: Metrics;
  /** Makes spans of the requests. Default: nobody does. */
  readonly tracing?: Tracing | undefined;
  /** Addresses and networks of those who are believed about who sent a request, and from where. Default: this machine. */
  readonly trustedProxies?: readonly string[];
}

const bodyLimit = 1_048_576;

/** An HTTP server with correlation ids, problem+json errors and health; routes are added by the service. */
export function createApp(options: AppOptions): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = options.logger;
  const app = Fastify({
    loggerInstance,
    bodyLimit,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: 72_000, // longer than a client keeps an idle connection, so that it is never the server that closes first
    forceCloseConnections: 'idle',
    return503OnClosing: false, // stopping is answered by `notReady`, as a problem
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply), // a URL that is none
    // what Node's parser refuses comes to no hook
    clientErrorHandler: (error, socket) => {
      options.logger.trace({ err: error }, 'what a client sent could not be read');
      answerClientError(error, socket);
    },
    genReqId: (request) => correlationIdFrom(request.headers[correlationHeader]),
    logController: new LogController({ requestIdLogLabel: 'correlationId', disableRequestLogging: true }),
  });
  // the form of a correlation id was checked
  app.setChildLoggerFactory((logger, bindings, childOptions) => logger.child(plainFields(bindings), childOptions));
  refuseInexactNumbers(app);
  if (options.tracing !== undefined) traceRequests(app, options.tracing, isAboutProcess); // first: also what is refused is traced
  const settleOrigin = originSettler(options.trustedProxies);
  // with callbacks: each promise of a hook is time of every request
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(correlationHeader, request.id);
    settleOrigin(request.raw);
    done(notReady(options.health, request));
  });
  // only now: what is read of a body comes in the context of the socket
  app.addHook('preValidation', (request, _reply, done) => {
    const { id: correlationId, headers, body: given } = request;
    const context = { correlationId, ...traceContextOf(headers), given };
    bindLogger(request.log, context);
    withLogContext(context, done);
  });
  // A connection that is kept after its last answer would hold up the stop until it times out.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (['draining', 'stopping'].includes(options.health.phase)) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    logAnswer(request, reply, isAboutProcess(request));
    done();
  });
  if (options.metrics !== undefined) countRequests(app, options.metrics, isAboutProcess);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(notFound(request), request, reply));
  app.register(healthRoutes, { health: options.health });
  return app;
}

/** A number that a double cannot hold would be stored as another one, and nobody would know. */
function refuseInexactNumbers(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const number = inexactNumber(body);
    if (number === undefined)
      void parse(request, body, done); // it answers through done
    else done(new KirokuError('BadRequest', `The number ${number.slice(0, 60)} is beyond what can be stored exactly. Send it as a text.`));
  });
}

/** Asked by those who look after this process, often, and whether it is ready or not. */
function isAboutProcess({ url }: Pick<FastifyRequest, 'url'>): boolean {
  return url === '/health' || url.startsWith('/health/') || url === metricsPath || url === logLevelPath || cachePaths.includes(url);
}

/** Why a request is not answered now. */
function notReady(health: Health, request: FastifyRequest): KirokuError | undefined {
  if (['ready', 'draining'].includes(health.phase) || isAboutProcess(request) || request.url === '/openapi.json') return undefined;
  const stopping = health.phase === 'stopping';
  return new KirokuError(
    stopping ? 'Stopping' : 'ServiceUnavailable',
    `This instance is ${health.phase} and takes no requests. Send it again shortly; GET /health says what it waits for.`,
  );
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request.id);
  if (error instanceof ReceiverGone) request.log.debug('left before it was answered');
  else if (problem.status >= 500)
    request.log[problem.status === 500 ? 'error' : 'warn']({ err: error, code: problem.code }, 'request failed');
  if (problem.retryable) reply.header('retry-after', '1');
  return reply.code(problem.status).header('content-type', 'application/problem+json').serializer(JSON.stringify).send(problem);
}

function notFound({ method, url, server }: FastifyRequest): KirokuError {
  const hint = server.hasRoute({ method: 'GET', url: '/openapi.json' }) ? 'GET /openapi.json lists' : 'GET / says';
  return new KirokuError('NotFound', `There is no ${method} ${url.split('?')[0]} here. ${hint} what there is.`);
}
