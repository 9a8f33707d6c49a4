import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import type { FastifyReply } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Health } from '../health/health.ts';
import { createLogger, type Logger } from '../logging/create-logger.ts';
import { logQuietly } from './answer-line.ts';
import { answerSignal } from './answer-signal.ts';
import { createApp } from './create-app.ts';
import { leaveRequest } from './leave-request.test-service.ts';
import { withOpenApi } from './openapi.ts';
import { contextHeaders, requestContext } from './request-context.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function makeApp(trustedProxies?: readonly string[], lines?: string[]) {
  const health = new Health({ service: 'shop', instance: 'a' });
  health.ready();
  const logging =
    lines && ({ level: 'debug', personal: new Set(['name']), destination: { write: (line: string) => lines.push(line) } } as const);
  const logger = createLogger({ service: 'shop', instance: 'a', level: 'silent', format: 'json', ...logging });
  const app = await withOpenApi(createApp({ logger, health, ...(trustedProxies && { trustedProxies }) }), {
    title: 'Shop',
    version: '1',
    description: 'A shop.',
  });
  opened.push(app);
  const body = z.strictObject({ name: z.string(), size: z.number().int() });
  app.post('/things', { schema: { body, response: { 200: z.object({ name: z.string() }) } } }, async ({ body }) => ({ name: body.name }));
  app.get('/context', async (request) => contextHeaders(requestContext(request)));
  app.get('/conflict', async () => {
    throw new KirokuError('Conflict', 'Somebody was faster.', { details: { stream: 'order-1' } });
  });
  app.get('/broken', async () => {
    throw new Error('secret inside');
  });
  return { app, health };
}

describe('an HTTP service', () => {
  it('lists what is wrong with a body as a problem', async () => {
    const { app } = await makeApp();
    const answer = await app.inject({ method: 'POST', url: '/things', payload: { name: 1, size: 1.5, colour: 'red' } });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const { code, issues } = answer.json();
    expect(code).toBe('BadRequest');
    expect(issues.map(({ path }: { path: string }) => path)).toEqual(['name', 'size', '']);
    expect(answer.body).toContain('colour');
  });

  it('answers malformed JSON, a wrong media type and too much with what is wrong', async () => {
    const { app } = await makeApp();
    const post = (payload: string, type = 'application/json') =>
      app.inject({ method: 'POST', url: '/things', payload, headers: { 'content-type': type } });
    expect((await post('{"name":')).json()).toMatchObject({ status: 400, code: 'BadRequest' });
    expect((await post('{"name":"a","size":9007199254740993}')).json()).toMatchObject({
      status: 400,
      code: 'BadRequest',
      detail: expect.stringContaining('9007199254740993'),
    });
    expect((await post('name=1', 'application/x-www-form-urlencoded')).json()).toMatchObject({
      status: 415,
      code: 'BadRequest',
      detail: expect.stringContaining('content-type: application/json'), // what `curl -d` leaves out
    });
    expect((await post(`"${'x'.repeat(1_100_000)}"`)).json()).toMatchObject({ status: 413, code: 'BadRequest' });
  });

  it('answers a URL that cannot be read, and one that leads nowhere, as a problem', async () => {
    const { app } = await makeApp();
    expect((await app.inject('/%E0%A4%A')).json()).toMatchObject({ status: 400, code: 'BadRequest', correlationId: expect.any(String) });
    expect((await app.inject('/nowhere')).json()).toMatchObject({ code: 'NotFound', detail: expect.stringContaining('GET /openapi.json') });
    const bare = createApp({ logger: app.log as Logger, health: new Health({ service: 'shop', instance: 'b' }) }); // the logger it was made with
    opened.push(bare);
    expect((await bare.inject('/health/nowhere')).json().detail).not.toContain('openapi');
  });

  it.each([
    ['no HTTP', 'NONSENSE\r\n\r\n', 400],
    ['with headers that are too large', `GET / HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers what is %s as a problem', async (_what, sent, status) => {
    const { app } = await makeApp();
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(sent));
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*content-type: application/problem\\+json`));
    expect(JSON.parse(body)).toMatchObject({ status, code: 'BadRequest', detail: expect.any(String), correlationId: expect.any(String) });
  });

  it('answers a fault with its code, details and whether to try again', async () => {
    const { app } = await makeApp();
    const answer = await app.inject('/conflict');
    expect(answer.json()).toMatchObject({ status: 409, code: 'Conflict', retryable: true, details: { stream: 'order-1' } });
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('tells nothing of the inside about an unexpected error', async () => {
    const { app } = await makeApp();
    const answer = await app.inject('/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/secret|at .*\.ts/);
    expect(answer.json()).toMatchObject({ code: 'Internal', correlationId: answer.headers['x-correlation-id'] });
  });

  it('says where to look when there is no such route', async () => {
    const { app } = await makeApp();
    expect((await app.inject('/nothing?secret=1')).json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining('GET /nothing here'),
    });
  });

  it('says no more than a debug line of a request whose sender is gone, but tells of a bug even then', async () => {
    const lines: string[] = [];
    const { app } = await makeApp(undefined, lines);
    const gone = (reply: FastifyReply) => once(answerSignal(reply), 'abort');
    app.get('/waiting', (_request, reply) => {
      const signal = answerSignal(reply);
      return sleep(60_000, undefined, { signal }).catch(() => signal.throwIfAborted());
    });
    app.get('/buggy', (_request, reply) => gone(reply).then(() => Promise.reject(new TypeError('a bug'))));
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const said = () =>
      lines
        .map((line) => JSON.parse(line))
        .map(({ level, msg }) => `${level}: ${msg}`)
        .filter((line) => / left | failed/.test(line));
    await leaveRequest(`${address}/waiting`);
    await expect.poll(said).toEqual(['debug: left before it was answered']);
    await leaveRequest(`${address}/buggy`);
    await expect.poll(said).toEqual(['debug: left before it was answered', 'error: request failed']);
  });

  it('writes a line for each answer, with nothing personal of what was sent in it', async () => {
    const lines: string[] = [];
    const { app } = await makeApp(undefined, lines);
    app.post('/things/:name', async () => ({}));
    const headers = { 'x-correlation-id': 'c-7' };
    const payload = { name: 'Hanako', size: 1 };
    for (const url of ['/things', '/things/Hanako?of=Hanako']) await app.inject({ method: 'POST', url, payload, headers });
    const answered = { level: 'info', service: 'shop', instance: 'a', correlationId: 'c-7', method: 'POST', status: 200, msg: 'answered' };
    const told = { ...answered, time: expect.any(String), ms: expect.any(Number) };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...told, url: '/things' },
      { ...told, url: '/things/(personal)' },
    ]);
  });

  it('tells of what changes nothing at debug, unless it failed or took 100 ms', async () => {
    const lines: string[] = [];
    const { app } = await makeApp(undefined, lines);
    app.get('/read', async (request, reply) => {
      logQuietly(request);
      const { after, status } = request.query as { after?: string; status?: string };
      await sleep(Number(after ?? 0));
      return reply.code(Number(status ?? 200)).send({});
    });
    for (const query of ['', '?after=120', '?status=399', '?status=400', '?status=500']) await app.inject(`/read${query}`);
    expect(lines.map((line) => JSON.parse(line)).map(({ level, status }) => `${level} ${status}`)).toEqual([
      'debug 200',
      'info 200',
      'debug 399',
      'info 400',
      'warn 500',
    ]);
  });

  it('keeps a correlation id and a trace that came in, and passes them on', async () => {
    const { app } = await makeApp();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const headers = { 'x-correlation-id': 'order-flow-7', traceparent, 'x-actor': 'ada@shop' };
    const answer = await app.inject({ url: '/context', headers });
    expect(answer.json()).toEqual({ ...headers, 'x-forwarded-for': '127.0.0.1' });
    expect(answer.headers['x-correlation-id']).toBe('order-flow-7');
  });

  it('passes on who asks only from those who may say so', async () => {
    const { app } = await makeApp(['203.0.113.0/24']);
    const headers = { 'x-actor': 'ada', 'x-forwarded-groups': 'admins', 'x-forwarded-for': '198.51.100.7' };
    const from = async (remoteAddress: string) => (await app.inject({ url: '/context', headers, remoteAddress })).json();
    expect(await from('203.0.113.5')).toMatchObject(headers);
    expect(await from('127.0.0.1')).toEqual({ 'x-correlation-id': expect.any(String), 'x-forwarded-for': '127.0.0.1' });
  });

  it('replaces a correlation id that could not be logged safely', async () => {
    const { app } = await makeApp();
    const answer = await app.inject({ url: '/context', headers: { 'x-correlation-id': 'a b\tc', traceparent: 'nonsense' } });
    expect(answer.json()).toEqual({ 'x-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/), 'x-forwarded-for': '127.0.0.1' });
  });

  it('takes no requests before it is ready and while it stops, but answers about its health', async () => {
    const { app, health } = await makeApp();
    health.stopping();
    expect((await app.inject('/context')).json()).toMatchObject({ status: 503, code: 'Stopping', retryable: true });
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it('does not keep a connection whose answer goes out while it stops', async () => {
    const { app, health } = await makeApp();
    app.get('/slow', async () => {
      health.stopping();
      return {};
    });
    expect((await app.inject('/slow')).headers.connection).toBe('close');
  });

  it('describes its routes in an OpenAPI document', async () => {
    const { app } = await makeApp();
    const document = (await app.inject('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/things'].post.requestBody.content['application/json'].schema).toMatchObject({ additionalProperties: false });
  });
});
