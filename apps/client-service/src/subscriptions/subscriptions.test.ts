import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLogger, Health, Metrics } from '@kiroku/service';
import { WebSocket } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as Client } from 'ws';
import { createGateway, type GatewayOptions } from '../create-gateway.ts';
import { GatewayError } from '../graphql/gateway-error.ts';
import { ChangeSignal } from '../upstream/change-signal.ts';
import type { QueryOptions, Services } from '../upstream/services.ts';

const at = (position: number) => ({ timeline: 1, position });
const id = '0193a5b0-7c1e-7000-8000-000000000001';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A gateway on a port of its own, over an order that the test sets. */
async function serve(more: Partial<GatewayOptions> = {}) {
  const changes = new ChangeSignal(at(0));
  const order = { current: null as object | null, released: false, reads: [] as QueryOptions[] };
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const query = async (_name: string, _params: object, options: QueryOptions) => {
    order.reads.push(options);
    if ((options.atLeast?.position ?? 0) > 100)
      throw new GatewayError('no such position', { code: 'BadRequest', kind: 'invalid', retryable: false });
    return order.current;
  };
  const app = await createGateway({
    logger: createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' }),
    health,
    services: { query } as unknown as Services, // stands for the query service
    changes: (_watched, signal) => {
      signal.addEventListener('abort', () => {
        order.released = true;
        changes.close();
      });
      return changes;
    },
    maxDepth: 10,
    maxCost: 50,
    maxLength: 1_000,
    ...more,
  });
  closers.push(() => app.close());
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return { address, changes, order };
}

type Message = {
  readonly type: string;
  readonly payload?: { readonly data?: unknown } & readonly { readonly message: string; readonly extensions: object }[];
};

async function subscribe(address: string, query: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/graphql`, { protocols: ['graphql-transport-ws'], headers });
  const messages: Message[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
    socket.addEventListener('error', () => resolve());
  });
  socket.addEventListener('message', ({ data }) => {
    const message: Message = JSON.parse(String(data));
    if (message.type === 'connection_ack')
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { id } } }));
    if (message.type === 'next' || message.type === 'error') messages.push(message);
  });
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  closers.push(() => socket.close());
  return { socket, messages, closed };
}

const orderOf = (status: string) => ({ id, status, total: { amount: 100, currency: 'EUR' }, lines: [] });
const source = 'subscription($id: UUID!) { orderChanged(orderId: $id) { status } }';

describe('a subscription', () => {
  it('begins with what is, also when there is nothing yet, and goes on with each change', async () => {
    const { address, changes, order } = await serve();
    const { messages } = await subscribe(address, source);
    await expect.poll(() => messages).toHaveLength(1);
    order.current = orderOf('placed');
    changes.raise(at(5));
    await expect.poll(() => messages).toHaveLength(2);
    order.current = orderOf('confirmed');
    changes.raise(at(6));
    await expect
      .poll(() => messages.map(({ payload }) => payload?.data))
      .toEqual([{ orderChanged: null }, { orderChanged: { status: 'PLACED' } }, { orderChanged: { status: 'CONFIRMED' } }]);
  });

  it('does not tell the same twice', async () => {
    const { address, changes, order } = await serve();
    order.current = orderOf('placed');
    const { messages } = await subscribe(address, source);
    await expect.poll(() => messages).toHaveLength(1);
    changes.raise(at(5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.current = orderOf('cancelled');
    changes.raise(at(6));
    const statuses = () => messages.map(({ payload }) => JSON.stringify(payload?.data));
    await expect.poll(() => statuses().at(-1)).toContain('CANCELLED');
    expect(statuses()).toHaveLength(2);
  });

  it('is let go of when the client leaves, also while nothing happens', async () => {
    const { address, order } = await serve();
    const { socket, messages } = await subscribe(address, source);
    await expect.poll(() => messages).toHaveLength(1);
    socket.close();
    await expect.poll(() => order.released).toBe(true);
  });

  it('is taken no messages for while its client does not read the answers', async () => {
    const { address } = await serve();
    const client = new Client(`${address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    closers.push(() => client.terminate());
    await once(client, 'open');
    let pongs = 0;
    client.on('message', () => {
      pongs += 1;
    });
    client.pause();
    const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(1_000_000) } });
    for (let n = 0; n < 20; n += 1) client.send(ping);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(client.bufferedAmount).toBeGreaterThan(5_000_000);
    client.resume();
    await expect.poll(() => pongs, { timeout: 50_000 }).toBe(20); // after a pause TCP may look only now and then whether it may go on
  }, 60_000);

  it('is kept by a client that asks for signs of life', async () => {
    const { address } = await serve();
    const client = new Client(`${address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    closers.push(() => client.terminate());
    await once(client, 'open');
    client.ping('there?');
    expect(String((await once(client, 'pong'))[0])).toBe('there?');
  });

  it.each([
    ['has unknown fields', 'subscription($id: UUID!) { orderChanged(orderId: $id) { status colour } }'],
    ['is not given its variable', 'subscription($other: UUID!) { orderChanged(orderId: $other) { status } }'],
    [
      'may cost too much',
      `subscription($id: UUID!) { orderChanged(orderId: $id) { ${Array.from({ length: 60 }, (_, n) => `a${n}: status`).join(' ')} } }`,
    ],
    ['is too long', `${source} # ${'x'.repeat(1_000)}`],
    ['is not GraphQL', 'subscription {'],
    ['is nested without end', `subscription { orderChanged(orderId: ${'['.repeat(900)}`],
    ['has fragments in a circle', 'subscription { ...a } fragment a on Subscription { ...a }'],
    ['is given an id that is none', 'subscription($id: Currency!) { orderChanged(orderId: $id) { status } }'],
    ['is a query', '{ categoryTree { id } }'],
    ['is one of several', `${source.replace('subscription', 'subscription a')} ${source.replace('subscription', 'subscription b')}`],
  ])('that %s is answered with what is wrong', async (_what, query) => {
    const { address } = await serve();
    const { messages } = await subscribe(address, query);
    await expect.poll(() => messages.map(({ type }) => type)).toEqual(['error']);
    for (const error of messages[0]?.payload ?? []) {
      expect(error.message).toMatch(/\w/);
      expect(error.extensions).toMatchObject({ code: 'BadRequest', kind: 'invalid', correlationId: expect.any(String) });
    }
  });

  it('is refused beyond a number for one connection', async () => {
    const { address } = await serve();
    const { socket, messages } = await subscribe(address, source);
    await expect.poll(() => messages).toHaveLength(1);
    for (let n = 0; n < 100; n++)
      socket.send(JSON.stringify({ id: `n${n}`, type: 'subscribe', payload: { query: source, variables: { id } } }));
    await expect
      .poll(() => messages.filter(({ type }) => type === 'error').map(({ payload }) => payload?.[0]?.message))
      .toEqual([expect.stringContaining('at most 100')]);
  });

  it.each([
    ['is no JSON', 'hello'],
    ['is null', 'null'],
    ['has no text as its document', JSON.stringify({ id: '2', type: 'subscribe', payload: { query: 5 } })],
    ['takes an id that is in use', JSON.stringify({ id: '1', type: 'subscribe', payload: { query: source, variables: { id } } })],
  ])('is ended, with the connection, by a message that %s', async (_what, message) => {
    const { address, order } = await serve();
    const { socket, messages, closed } = await subscribe(address, source);
    await expect.poll(() => messages).toHaveLength(1);
    socket.send(message);
    await closed;
    await expect.poll(() => order.released).toBe(true);
  });

  it('is read once for all who ask for the same, however many connections they have', async () => {
    const { address, changes, order } = await serve();
    const all = await Promise.all(Array.from({ length: 10 }, () => subscribe(address, source)));
    const received = () => all.map(({ messages }) => messages.length);
    await expect.poll(received).toEqual(all.map(() => 1));
    const before = order.reads.length;
    order.current = orderOf('placed');
    changes.raise(at(5));
    await expect.poll(received).toEqual(all.map(() => 2));
    expect(order.reads.length).toBe(before + 1);
  });

  it('that claims a position which does not exist fails alone', async () => {
    const { address, order } = await serve();
    const { messages } = await subscribe(address, source);
    await expect.poll(() => messages).toHaveLength(1);
    const claiming = await subscribe(address, source, { 'x-kiroku-at-least': '999' });
    await expect.poll(() => JSON.stringify(claiming.messages)).toContain('no such position');
    order.current = orderOf('placed');
    const writing = await subscribe(address, source, { 'x-kiroku-at-least': '5' });
    await expect.poll(() => [messages.length, writing.messages.length]).toEqual([2, 1]);
    expect(order.reads.at(-1)?.atLeast).toEqual(at(5));
  });

  it('is refused, with what stands in the way, when as many connections are open as may be, and counted', async () => {
    const metrics = new Metrics({ service: 'client-service' });
    const { address } = await serve({ metrics, maxConnections: 2 });
    const [one, other] = [await subscribe(address, source), await subscribe(address, source)];
    await expect.poll(() => [one.messages.length, other.messages.length]).toEqual([1, 1]);
    const refused = new Client(`${address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    refused.on('error', () => undefined);
    const [, answer]: IncomingMessage[] = await once(refused, 'unexpected-response');
    expect(answer?.statusCode).toBe(503);
    expect(answer?.headers['retry-after']).toBe('5');
    expect(await text(answer as IncomingMessage)).toContain('GRAPHQL_MAX_CONNECTIONS');
    const said = await metrics.text();
    for (const line of ['connections{service="client-service"} 2', 'subscriptions{service="client-service"} 2'])
      expect(said).toContain(`kiroku_graphql_${line}`);
    expect(said).toContain('kiroku_graphql_refused_connections_total{service="client-service"} 1');
    one.socket.close();
    await one.closed;
    const later = await subscribe(address, source);
    await expect.poll(() => later.messages).toHaveLength(1);
  });

  it('is refused, with what stands in the way, when as many are under way over all connections as may be, and counted', async () => {
    const metrics = new Metrics({ service: 'client-service' });
    const { address } = await serve({ metrics, maxSubscriptions: 2 });
    const [one, other] = [await subscribe(address, source), await subscribe(address, source)];
    await expect.poll(() => [one.messages.length, other.messages.length]).toEqual([1, 1]);
    const refused = await subscribe(address, source);
    await expect.poll(() => refused.messages).toHaveLength(1);
    const told = JSON.stringify(refused.messages);
    expect(told).toContain('GRAPHQL_MAX_SUBSCRIPTIONS');
    expect(told).toContain('"code":"TooManySubscriptions","kind":"fault","retryable":true');
    expect(await metrics.text()).toContain('kiroku_graphql_refused_subscriptions_total{service="client-service"} 1');
    one.socket.close();
    await one.closed;
    await expect.poll(async () => await metrics.text()).toContain('kiroku_graphql_subscriptions{service="client-service"} 1');
    const later = await subscribe(address, source);
    await expect.poll(() => later.messages).toHaveLength(1);
    expect(JSON.stringify(later.messages)).toContain('"data":{"orderChanged":null}');
  });

  it('counts while it waits for what its client has written, and no more once that fails', async () => {
    const waiting: { readonly fail: (error: Error) => void }[] = [];
    const query = (_name: string, _params: object, { atLeast }: QueryOptions) =>
      atLeast === undefined ? Promise.resolve(null) : new Promise((_, fail) => waiting.push({ fail }));
    const { address } = await serve({ maxSubscriptions: 1, services: { query } as unknown as Services }); // stands for a query service that is behind
    const first = await subscribe(address, source, { 'x-kiroku-at-least': '5' });
    await expect.poll(() => waiting).toHaveLength(1);
    const refused = await subscribe(address, source, { 'x-kiroku-at-least': '5' });
    await expect.poll(() => JSON.stringify(refused.messages)).toContain('TooManySubscriptions');
    waiting[0]?.fail(new GatewayError('still behind', { code: 'NotCaughtUp', kind: 'fault', retryable: true }));
    await expect.poll(() => JSON.stringify(first.messages)).toContain('still behind');
    const later = await subscribe(address, source);
    await expect.poll(() => JSON.stringify(later.messages)).toContain('"data":{"orderChanged":null}');
  });

  it('is not open to pages of other origins', async () => {
    const { address } = await serve();
    const { messages, closed } = await subscribe(address, source, { origin: 'https://elsewhere.example' });
    await closed;
    expect(messages).toEqual([]);
  });
});
