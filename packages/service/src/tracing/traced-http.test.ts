import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { callerSpanId, recordedTracing, traceId, traceparent } from './recorded-tracing.test-service.ts';
import { tracedHttp } from './traced-http.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function connected() {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    received.push(request.headers);
    response.statusCode = request.url === '/full' ? 503 : 200;
    response.end(request.url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent();
  closing.push(
    () => agent.close(),
    () => new Promise((resolve) => server.close(resolve)),
  );
  const { port } = server.address() as AddressInfo; // it listens
  return { agent, received, port, origin: `http://127.0.0.1:${port}` };
}

it('a request is a span below the one it carries, and carries that on', async () => {
  const { tracing, spans } = recordedTracing();
  const { agent, received, port, origin } = await connected();
  const http = tracedHttp(agent, tracing, { template: (path) => path.replace(/\d+/, '{id}') });
  const answer = await http.request({ origin, path: '/things/7?a=1', method: 'GET', headers: { traceparent, 'x-other': '1' } });
  expect(await answer.body.text()).toBe('/things/7?a=1');
  const [span] = spans();
  expect(span).toMatchObject({
    name: 'GET /things/{id}',
    kind: 2,
    attributes: {
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'server.port': port,
      'url.template': '/things/{id}',
      'http.response.status_code': 200,
    },
  });
  expect(span?.parentSpanContext).toMatchObject({ traceId, spanId: callerSpanId });
  expect(received).toMatchObject([{ 'x-other': '1', traceparent: `00-${traceId}-${span?.spanContext().spanId}-01` }]);
});

it('an address that is between us and the receiver is not told', async () => {
  const { tracing, spans } = recordedTracing();
  const { agent, origin } = await connected();
  const answer = await tracedHttp(agent, tracing).request({ origin, path: '/hooks/s3cret?token=s3cret', method: 'POST', body: 's3cret' });
  await answer.body.dump();
  expect(spans().map(({ name }) => name)).toEqual(['POST']);
  expect(JSON.stringify(spans()[0]?.attributes)).not.toContain('s3cret');
});

it('an answer that refuses is a failure, and so is none', async () => {
  const { tracing, spans } = recordedTracing();
  const { agent, origin } = await connected();
  const http = tracedHttp(agent, tracing);
  await (await http.request({ origin, path: '/full', method: 'GET' })).body.dump();
  await expect(http.request({ origin: 'http://127.0.0.1:1', path: '/', method: 'GET' })).rejects.toThrow();
  await expect(http.request({ origin, path: '/', method: 'GET', signal: AbortSignal.abort() })).rejects.toThrow();
  expect(spans().map(({ attributes }) => attributes['error.type'])).toEqual(['503', 'ECONNREFUSED', expect.stringMatching(/Abort|ABORT/)]);
});

it('without tracing the connections are what they were', async () => {
  const { agent } = await connected();
  expect(tracedHttp(agent, undefined)).toBe(agent);
});
