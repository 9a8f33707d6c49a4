import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askMetrics } from './ask-metrics.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a service that does not take the request, or answers with an error, says why', async () => {
  const left = await serving(() => undefined);
  for (const close of closing.splice(0)) close();
  expect(await askMetrics(left)).toEqual({ reason: 'nothing answers (ECONNREFUSED)' });
  const url = await serving((_request, response) => response.writeHead(503).end('no'));
  expect(await askMetrics(url)).toEqual({ reason: '/metrics answered HTTP 503' });
});

test('one that hangs, before its answer or within, is given up after its time', async () => {
  const silent = await serving(() => undefined);
  const halfway = await serving((_request, response) => void response.write('a 1\n'));
  for (const url of [silent, halfway]) expect(await askMetrics(url, { timeoutMs: 100 })).toEqual({ reason: 'no answer within 0.1 s' });
});

test('one that sends without end is cut off, and its connection closed', async () => {
  let gone: () => void;
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const url = await serving((_request, response) => {
    const more = () => void (response.destroyed || response.write('a 1\n'.repeat(1_000), more));
    response.on('close', gone);
    more();
  });
  expect(await askMetrics(url, { maxBytes: 100_000 })).toEqual({ reason: '/metrics sent more than 100000 bytes' });
  await closed;
});

test('who has asked may give up', async () => {
  const giveUp = new AbortController();
  const asking = askMetrics(await serving(() => giveUp.abort()), { signal: giveUp.signal });
  expect(await asking).toMatchObject({ reason: expect.any(String) });
});
