import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { auditOperationsOf } from './audit-operations.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('through a gateway, only verifying is waited for longer than 30 seconds, and then for all of its time', async () => {
  const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('[]'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [timeout, fetched] = [vi.spyOn(AbortSignal, 'timeout'), vi.spyOn(globalThis, 'fetch')];
  await using operations = await auditOperationsOf(new Command().option('--remote <url>').parse(['--remote', url], { from: 'user' }));
  await operations.list({ limit: 5 });
  await operations.heads();
  await operations.verify([]);
  expect(timeout.mock.calls).toEqual([[30_000], [30_000], [600_000]]);
  const dispatchers = fetched.mock.calls.map(([, init]) => init && 'dispatcher' in init);
  expect(dispatchers).toEqual([false, false, true]);
  server.close();
  server.closeAllConnections();
});
