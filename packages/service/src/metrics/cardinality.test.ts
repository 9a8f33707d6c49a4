import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError, reject } from '@kiroku/core';
import { afterEach, describe, expect, it } from 'vitest';
import { Health } from '../health/health.ts';
import { createApp } from '../http/create-app.ts';
import { leaveRequest } from '../http/leave-request.test-service.ts';
import { createLogger } from '../logging/create-logger.ts';
import { BoundedLabel } from './bounded-label.ts';
import { catalog } from './catalog.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { Metrics } from './metrics.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { observedHandler } from './observed-handler.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function countedApp() {
  const metrics = new Metrics({ service: 'shop' });
  const health = new Health({ service: 'shop', instance: 'a' });
  health.ready();
  const app = createApp({ logger: createLogger({ service: 'shop', instance: 'a', level: 'silent', format: 'json' }), health, metrics });
  opened.push(app);
  app.get('/orders/:id', async () => ({}));
  app.get('/changes', async (_request, reply) => reply.header('content-type', 'application/x-ndjson').send('{}\n'));
  await app.register(metricsRoutes, { metrics });
  const series = async (name: string) =>
    (await app.inject('/metrics')).body.split('\n').filter((line) => line.startsWith(`${name}{`) && !line.endsWith(' 0'));
  return { app, health, series };
}

async function* forever() {
  for (;;) {
    yield '{}\n';
    await sleep(5);
  }
}

describe('requests', () => {
  it('are counted by the pattern of their route, whatever ids and paths are asked for', async () => {
    const { app, series } = await countedApp();
    for (let count = 0; count < 50; count++) await app.inject(`/orders/${count}${'x'.repeat(count)}?page=${count}`);
    for (const url of ['/nowhere', '/nowhere/1', '/orders/1/"}\n', '/%00', '//etc/passwd']) await app.inject({ url });
    await app.inject({ method: 'PROPFIND' as 'GET', url: '/orders/1' });
    expect(await series('kiroku_http_requests_total')).toEqual([
      'kiroku_http_requests_total{route="/orders/:id",method="GET",status="2xx",service="shop"} 50',
      expect.stringMatching(/route="unknown",method="GET",status="4xx",service="shop"} \d$/),
      'kiroku_http_requests_total{route="unknown",method="other",status="4xx",service="shop"} 1',
    ]);
  });

  it('are known by their routes before the first is answered, so that a rate misses none', async () => {
    const { app } = await countedApp();
    const counted = (await app.inject('/metrics')).body.split('\n').filter((line) => line.startsWith('kiroku_http_requests_total{'));
    expect(counted).toEqual(
      ['/orders/:id', '/changes'].flatMap((route) =>
        ['2xx', '4xx', '5xx'].map(
          (status) => `kiroku_http_requests_total{route="${route}",method="GET",status="${status}",service="shop"} 0`,
        ),
      ),
    );
  });

  it('about the process itself are not counted, and metrics are told before it is ready', async () => {
    const { app, health, series } = await countedApp();
    health.starting('the database is not there');
    for (const url of ['/health', '/health/ready', '/health/live', '/metrics']) await app.inject(url);
    expect((await app.inject('/metrics')).statusCode).toBe(200);
    expect(await series('kiroku_http_requests_total')).toEqual([]);
  });

  it("that are left are counted once: without an answer as the client's doing, and else as what had begun", async () => {
    const { app, series } = await countedApp();
    app.post('/waiting', (_request, reply) => new Promise((resolve) => reply.raw.once('close', resolve)));
    app.get('/stream', async (_request, reply) => reply.header('content-type', 'application/x-ndjson').send(Readable.from(forever())));
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    await leaveRequest(`${address}/waiting`, 'POST');
    await leaveRequest(`${address}/stream`);
    await expect
      .poll(() => series('kiroku_http_requests_total'))
      .toEqual([
        'kiroku_http_requests_total{route="/waiting",method="POST",status="4xx",service="shop"} 1',
        'kiroku_http_requests_total{route="/stream",method="GET",status="2xx",service="shop"} 1',
      ]);
    expect(await series('kiroku_http_request_duration_seconds_count')).toEqual([]);
  });

  it('that last as long as somebody listens are not timed', async () => {
    const { app, series } = await countedApp();
    await app.inject('/changes');
    await app.inject('/orders/1');
    expect(await series('kiroku_http_request_duration_seconds_count')).toEqual([expect.stringContaining('route="/orders/:id"')]);
  });
});

describe('commands', () => {
  const metrics = new Metrics({ service: 'shop' });
  const handle = observedHandler({
    handle: async ({ type, data }) => {
      if (type !== 'PlaceOrder') throw new KirokuError('UnknownCommand', 'There is none.');
      if (data === 'conflict') throw new KirokuError('Conflict', 'Others were faster each time.');
      if (data === 'bug') throw new TypeError('undefined is not a function');
      if (data === 'no') return { outcome: 'rejected' as const, rejection: reject('InsufficientStock', 'There is too little.') };
      return { outcome: 'accepted' as const, duplicate: data === 'again' };
    },
    aggregates: [{ commands: { PlaceOrder: { schema: {} } } as never }], // only the names are looked at
    metrics,
  });
  const send = (type: string, data: unknown) => handle({ type, data, id: 'a', at: '', metadata: {} } as never).catch(() => undefined);

  it('are counted by the types there are: others are one, and a fault is neither a rejection nor a wrong command', async () => {
    for (let count = 0; count < 50; count++) await send(`Crafted${count}`, {});
    for (const data of ['', 'again', 'no', 'conflict', 'bug']) await send('PlaceOrder', data);
    const lines = (await metrics.text()).split('\n');
    expect(lines.filter((line) => line.startsWith('kiroku_commands_total{'))).toEqual([
      'kiroku_commands_total{command="PlaceOrder",outcome="fault",service="shop"} 2',
      'kiroku_commands_total{command="unknown",outcome="invalid",service="shop"} 50',
      'kiroku_commands_total{command="PlaceOrder",outcome="accepted",service="shop"} 1',
      'kiroku_commands_total{command="PlaceOrder",outcome="duplicate",service="shop"} 1',
      'kiroku_commands_total{command="PlaceOrder",outcome="rejected",service="shop"} 1',
    ]);
    expect(lines).toContain('kiroku_command_rejections_total{code="InsufficientStock",service="shop"} 1');
    expect(lines).toContain('kiroku_command_faults_total{code="Conflict",service="shop"} 1');
    expect(lines).toContain('kiroku_command_faults_total{code="Internal",service="shop"} 1');
  });
});

describe('a label whose values nobody has listed', () => {
  it('has so many values and no more, and none that is long', () => {
    const label = new BoundedLabel(2);
    expect(['a', 'b', 'c', 'a'].map((value) => label.of(value))).toEqual(['a', 'b', 'other', 'a']);
    expect(new BoundedLabel(2).of('x'.repeat(101))).toBe('other');
  });
});

describe('names', () => {
  const metrics: readonly MetricDefinition[] = Object.values(catalog);

  it.each(metrics)('$name says what it counts and in which unit', ({ name, kind, help, labels, buckets }) => {
    expect(name).toMatch(/^kiroku_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|percent|count|sum|bucket)$/);
    expect(help).toMatch(/\.$/);
    expect(buckets !== undefined).toBe(kind === 'histogram');
    for (const label of labels) expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it('are each of one metric', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  });
});
