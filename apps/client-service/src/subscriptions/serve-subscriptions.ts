import { setTimeout as sleep } from 'node:timers/promises';
import type { Health, Metrics, Requester } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type GatewayContext, gatewayContext } from '../graphql/context.ts';
import { invalidDocument } from '../graphql/document.ts';
import { formatErrors } from '../graphql/format-errors.ts';
import type { OperationLimits } from '../graphql/limits.ts';
import { FollowedRows } from './followed-rows.ts';
import { socketRequester } from './socket-requester.ts';
import { subscriptionGate } from './subscription-gate.ts';
import { type SubscriberContext, subscriptions } from './subscriptions.ts';
import { tellOfSubscribers } from './tell-of-subscribers.ts';
import { writeInTurn } from './write-in-turn.ts';

export interface SubscriptionOptions extends OperationLimits, Pick<GatewayContext, 'services' | 'changes'> {
  readonly health: Pick<Health, 'phase'>;
  readonly metrics?: Metrics;
  /** Those who are believed about who opened a connection. Default: this machine. */
  readonly trustedProxies?: readonly string[];
  /** Most connections at a time. Default 1,000. */
  readonly maxConnections?: number;
  /** Most subscriptions at a time, over all connections. Default 10,000. */
  readonly maxSubscriptions?: number;
}

interface Outcome {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** Subscriptions that one connection may carry at a time. */
const mostPerConnection = 100;
const maxMessageBytes = 1_048_576;
/** Between signs of life; a client that does not answer one is gone. */
const keepAliveMs = 20_000;
/** For clients to answer the goodbye when the service stops. */
const goodbyeMs = 500;

/** Serves subscriptions over WebSocket at `/graphql`, protocol graphql-transport-ws. */
export function serveSubscriptions(app: FastifyInstance, schema: GraphQLSchema, options: SubscriptionOptions): void {
  addResolvers(schema);
  const { health, metrics, trustedProxies, maxConnections = 1_000, maxSubscriptions = 10_000 } = options;
  const refused = metrics && tellOfSubscribers(metrics, { connections: () => server.clients.size, subscriptions: () => rows.followers });
  const rows = new FollowedRows({ maxFollowers: maxSubscriptions, onRefused: refused?.subscription });
  const protocol = makeProtocol(app, schema, { ...options, rows });
  const requesterOf = socketRequester(trustedProxies);
  const server = new WebSocketServer({
    server: app.server,
    path: '/graphql',
    maxPayload: maxMessageBytes,
    autoPong: false,
    handleProtocols,
    verifyClient: ({ origin, req }, answer) => {
      if (health.phase !== 'ready') return answer(false, 503, `This instance is ${health.phase}.`);
      if (!isSameOrigin(origin, req.headers.host)) return answer(false, 403, 'Subscriptions are for pages of this address.');
      if (server.clients.size < maxConnections) return answer(true);
      refused?.connection();
      answer(false, 503, tooManyConnections(maxConnections), { 'retry-after': '5' });
    },
  });
  server.on('connection', (socket, request) => {
    socket.on('ping', (data) => void writeInTurn(socket, (written) => socket.pong(data, false, written)));
    socket.on('error', (err) => app.log.debug({ err }, 'a subscriber broke the rules of WebSocket')); // and is disconnected
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // awaited, so that a slow reader gets the latest state and not all that came between
        send: (text) => writeInTurn(socket, (written) => socket.send(text, written)),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) =>
          socket.on('message', (data) => {
            take((data as Buffer).toString()) // one buffer, unless another binaryType is set
              .catch((err: unknown) => {
                app.log.error({ err }, 'a subscription failed');
                socket.close(1011);
              });
          }),
      },
      requesterOf(request),
    );
    socket.once('close', (code, reason) => void closed(code, String(reason)));
    keepAlive(socket);
  });
  app.addHook('preClose', () => closeAll(server));
}

function addResolvers(schema: GraphQLSchema): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, resolver] of Object.entries(subscriptions)) Object.assign(fields[name] ?? {}, resolver);
}

function makeProtocol(app: FastifyInstance, schema: GraphQLSchema, options: SubscriptionOptions & Pick<SubscriberContext, 'rows'>) {
  const formatted = ({ data, errors = [] }: Outcome, { id }: Requester) =>
    formatErrors({ data, errors }, { correlationId: id, log: app.log }).response;
  const accept = subscriptionGate(schema, options);
  return makeServer<Record<string, unknown>, Requester>({
    schema,
    context: ({ extra }): SubscriberContext & Record<string, unknown> => ({ ...gatewayContext(options, extra), rows: options.rows }),
    // the new one is among the open ones already
    onSubscribe: ({ subscriptions: open }, _id, payload) => (Object.keys(open).length > mostPerConnection ? [tooMany()] : accept(payload)),
    onNext: ({ extra }, _id, _payload, _args, result) => (result.errors === undefined ? undefined : formatted(result, extra)),
    onError: ({ extra }, _id, _payload, errors) => formatted({ errors }, extra).errors,
  });
}

function tooManyConnections(most: number): string {
  return `This instance has ${most} connections of subscribers, and takes no more (GRAPHQL_MAX_CONNECTIONS). A connection carries ${mostPerConnection} subscriptions.`;
}

function tooMany(): GraphQLError {
  const originalError = invalidDocument(`A connection carries at most ${mostPerConnection} subscriptions. End some, or open another.`);
  return new GraphQLError(originalError.message, { originalError });
}

function keepAlive(socket: WebSocket): void {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, keepAliveMs);
  socket.once('close', () => clearInterval(timer));
}

async function closeAll(server: WebSocketServer): Promise<void> {
  server.close();
  if (server.clients.size === 0) return;
  const gone = Promise.all([...server.clients].map((client) => new Promise((resolve) => client.once('close', resolve))));
  for (const client of server.clients) client.close(1001, 'The service stops. Connect again shortly.');
  await Promise.race([gone, sleep(goodbyeMs)]);
  for (const client of server.clients) client.terminate();
}

/** Browsers say where a page comes from; other clients do not. A page of another origin may not open a socket here. */
function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
