import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CachesClient, OperationsClient } from '@kiroku/client';
import { InMemoryJobStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

const figures = { since: '2026-11-29T10:00:00.000Z', entries: 4, bytes: 400, maxBytes: 1_000, hits: 3, misses: 1, outdated: 1 };
const names = { queries: ['product'], entities: ['products'] };
const entities = [{ entity: 'products', asked: 5, kept: 4, all: false }];

test('caches of the gateways are told of, cleared and warmed up, and the audit log says who did', async () => {
  const asked: unknown[] = [];
  const gateway = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()).join('');
    if (body !== '') asked.push([request.url, JSON.parse(body)]);
    const answers = { '/cache': { ...figures, ...names }, '/cache/clear': { cleared: 4 }, '/cache/warmup': { entities } };
    response.end(JSON.stringify(answers[request.url as keyof typeof answers])); // nothing else is asked
  };
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const address = { service: 'client-service', url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` };
  const gone = { service: 'client-service', url: 'http://127.0.0.1:1' };
  const stores = { jobs: new InMemoryJobStore(), audit: new InMemoryOperatorAudit() };
  await using served = await serveOperations({ stores, caches: [address] });
  const client = new CachesClient(served);

  expect(await client.listCaches()).toEqual([{ ...address, cache: { ...figures, hitRate: 0.75, ...names } }]);
  expect(await client.clearCaches({ query: 'product' })).toEqual([{ ...address, cleared: 4 }]);
  expect(await client.warmUpCaches({ entities: ['products'], limit: 2 })).toEqual([{ ...address, entities }]);
  expect(asked).toEqual([
    ['/cache/clear', { query: 'product', by: 'ada' }],
    ['/cache/warmup', { entities: ['products'], limit: 2, by: 'ada' }],
  ]);
  const actions = await new OperationsClient(served).listActions({ limit: 9 });
  expect(actions.map(({ verb, operator, reason, source }) => [verb, operator, reason, source])).toEqual([
    ['cache warmup', 'ada', 'drill', 'operations API'],
    ['cache clear', 'ada', 'drill', 'operations API'],
  ]);
  await expect(client.clearCaches({ query: 'products' })).rejects.toMatchObject({ code: 'NotFound' });
  await expect(client.warmUpCaches({ entities: ['orders'] })).rejects.toMatchObject({ code: 'NotFound' });
  await expect(client.warmUpCaches({ entities: [] })).rejects.toMatchObject({ code: 'BadRequest' });
  gateway.close();

  await using alone = await serveOperations({ stores, caches: [gone] });
  expect(await new CachesClient(alone).listCaches()).toEqual([{ ...gone, reason: expect.any(String) }]);
  await expect(new CachesClient(alone).clearCaches({})).rejects.toMatchObject({ code: 'ServiceUnavailable' });
});
