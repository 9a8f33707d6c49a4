import { describe, expect, it } from 'vitest';
import { Health } from '../health/health.ts';
import { createApp } from '../http/create-app.ts';
import { leaveRequest } from '../http/leave-request.test-service.ts';
import { contextHeaders, requestContext } from '../http/request-context.ts';
import { createLogger } from '../logging/create-logger.ts';
import { callerSpanId, recordedTracing, traceId, traceparent } from './recorded-tracing.test-service.ts';

async function serving() {
  const { tracing, spans } = recordedTracing();
  const health = new Health({ service: 'shop', instance: 'a' });
  health.ready();
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const app = createApp({
    logger: createLogger({ service: 'shop', instance: 'a', level: 'info', format: 'json', destination }),
    health,
    tracing,
  });
  app.get('/things/:id', async (request) => {
    request.log.info('asked');
    return contextHeaders(requestContext(request));
  });
  app.get('/broken', () => Promise.reject(new Error('broken')));
  app.get('/stream', { config: { traced: false } }, async () => 'line by line');
  return {
    app,
    spans,
    line: (message: string) => lines.map((each) => JSON.parse(each)).find(({ msg }) => msg === message),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

describe('a traced server', () => {
  it('makes a span of a request, below the sender, and above what it leads to', async () => {
    await using shop = await serving();
    const headers = { traceparent, tracestate: 'rojo=1' };
    const passedOn = (await shop.app.inject({ url: '/things/7', headers })).json();
    const [span] = shop.spans();
    expect(span).toMatchObject({
      name: 'GET /things/:id',
      kind: 1,
      attributes: { 'http.request.method': 'GET', 'http.route': '/things/:id', 'url.path': '/things/7', 'http.response.status_code': 200 },
    });
    expect(span?.parentSpanContext).toMatchObject({ traceId, spanId: callerSpanId, isRemote: true });
    expect(passedOn).toMatchObject({ traceparent: `00-${traceId}-${span?.spanContext().spanId}-01`, tracestate: 'rojo=1' });
    expect(shop.line('asked')).toMatchObject({ traceId, spanId: span?.spanContext().spanId });
  });

  it.each([{ traceparent: 'nonsense', tracestate: 'rojo=1' }, {}])('begins a trace where there is none: %j', async (headers) => {
    await using shop = await serving();
    const { statusCode, ...answer } = await shop.app.inject({ url: '/things/7', headers });
    expect(statusCode).toBe(200);
    const [span] = shop.spans();
    expect(span?.parentSpanContext).toBeUndefined();
    expect(answer.json()).not.toHaveProperty('tracestate');
  });

  it('tells nothing of an address but what its route knows', async () => {
    await using shop = await serving();
    await shop.app.inject({ url: '/things/7?token=s3cret' });
    await shop.app.inject({ url: '/reset/s3cret?token=s3cret' });
    expect(shop.spans().map(({ name }) => name)).toEqual(['GET /things/:id', 'GET']);
    expect(JSON.stringify(shop.spans().map(({ attributes }) => attributes))).not.toContain('s3cret');
  });

  it('calls broken what is, and not what was asked wrongly', async () => {
    await using shop = await serving();
    await shop.app.inject({ url: '/broken' });
    await shop.app.inject({ url: '/nowhere' });
    expect(shop.spans().map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
      [2, '500'],
      [0, undefined],
    ]);
  });

  it('ends the span of a request whose sender is gone before its answer', async () => {
    await using shop = await serving();
    shop.app.post('/waiting', (_request, reply) => new Promise((resolve) => reply.raw.once('close', resolve)));
    const address = await shop.app.listen({ port: 0, host: '127.0.0.1' });
    await leaveRequest(`${address}/waiting`, 'POST');
    await expect.poll(() => shop.spans()).toHaveLength(1);
    const [span] = shop.spans();
    expect(span).toMatchObject({ name: 'POST /waiting', status: { code: 2 }, attributes: { 'error.type': 'aborted' } });
    expect(span?.attributes).not.toHaveProperty('http.response.status_code');
  });

  it('makes no spans of requests about the process, or that last as long as somebody listens', async () => {
    await using shop = await serving();
    for (const url of ['/health/live', '/health/ready', '/metrics', '/stream']) await shop.app.inject({ url });
    expect(shop.spans()).toEqual([]);
  });
});
