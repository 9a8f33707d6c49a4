import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemoryOperatorAudit } from '@kiroku/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clearCaches } from '../cache-clear/clear-caches.ts';
import { warmUpCaches } from '../cache-warmup/warm-up-caches.ts';
import type { ServiceAddress } from '../processes/ask-processes.ts';
import { cacheAddresses, readCaches } from './read-caches.ts';

const opened: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of opened.splice(0)) server.close();
});

const figures = { since: '2026-11-29T10:00:00.000Z', entries: 4, bytes: 400, maxBytes: 1_000, hits: 3, misses: 1, outdated: 1 };
const names = { queries: ['product', 'products'], entities: ['products', 'customers'] };
const warmed = { entity: 'products', asked: 5, kept: 4, all: true };

interface Given {
  readonly maxBytes?: number;
  readonly hits?: number;
  readonly misses?: number;
  /** What it answers to changes instead. */
  readonly problem?: { readonly status: number; readonly detail?: string };
}

/** A process that keeps answers, as gateways do; `asked` is what it was sent. */
async function serving({ problem, ...given }: Given = {}, asked: unknown[] = []): Promise<ServiceAddress> {
  const answers: { readonly [path: string]: object } = {
    '/cache': { ...figures, ...given, ...names },
    '/cache/clear': { cleared: 4 },
    '/cache/warmup': { entities: [warmed] },
  };
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()).join('');
    if (request.method === 'POST') asked.push([request.url, JSON.parse(body)]);
    if (problem !== undefined && request.method === 'POST') response.writeHead(problem.status).end(JSON.stringify(problem));
    else response.end(JSON.stringify(answers[request.url ?? '']));
  };
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { service: 'gateway', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const operator = { name: 'ada', reason: 'ticket 7' };
const gone = { service: 'gone', url: 'http://127.0.0.1:2' };
const products = { entities: ['products'] };

describe('stats', () => {
  test('are of each process, and of one that cannot be reached it is said why', async () => {
    const addresses = [await serving(), gone];
    expect(await readCaches(addresses)).toEqual([
      { ...addresses[0], cache: { ...figures, hitRate: 0.75, ...names } },
      { ...gone, reason: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  test('have no rate of hits when nothing was asked', async () => {
    const [told] = await readCaches([await serving({ hits: 0, misses: 0 })]);
    expect(told?.cache).not.toHaveProperty('hitRate');
  });

  test('are asked of the services that keep answers, as the configuration says', () => {
    const service = (name: string, port: number) => ({ name, entry: `./${name}.js`, port, portVariable: 'A_PORT' as const });
    const application = { name: 'test', aggregates: [], projections: [], processManagers: [] };
    const services = [service('a', 1), { ...service('b', 2), keepsAnswers: true }];
    const installation = { host: '127.0.0.1', ports: { b: 7 }, config: { name: 'test', application, services } };
    expect(cacheAddresses(installation)).toEqual([{ service: 'b', url: 'http://127.0.0.1:7' }]);
    const instanceUrls = { a: ['http://a'], b: ['http://b', 'http://c'] };
    expect(cacheAddresses({ ...installation, instanceUrls }).map(({ url }) => url)).toEqual(['http://b', 'http://c']);
    const none = { ...installation, config: { ...installation.config, services: services.slice(0, 1) } };
    expect(() => cacheAddresses(none)).toThrow(/keepsAnswers: true/);
  });
});

test('every cache is cleared, or answers to one query are, and it is audited with what there was before', async () => {
  const asked: unknown[] = [];
  const [addresses, audit] = [[await serving({}, asked), await serving({}, asked)], new InMemoryOperatorAudit()];
  const stores = { addresses, audit };
  expect(await clearCaches(stores, { operator })).toEqual(addresses.map((each) => ({ ...each, cleared: 4 })));
  await clearCaches(stores, { query: 'product', operator });
  expect(asked).toEqual([
    ['/cache/clear', { by: 'ada' }],
    ['/cache/clear', { by: 'ada' }],
    ['/cache/clear', { query: 'product', by: 'ada' }],
    ['/cache/clear', { query: 'product', by: 'ada' }],
  ]);
  const actions = await audit.actions({ limit: 9 });
  expect(actions.map(({ verb, arguments: given }) => [verb, given])).toEqual([
    ['cache clear', { query: 'product' }],
    ['cache clear', {}],
  ]);
  expect(actions[1]).toMatchObject({ operator: 'ada', before: [{ entries: 4, hits: 3 }, {}], outcome: { after: [{ cleared: 4 }, {}] } });
});

test('every cache is warmed up with so many rows, and it is audited', async () => {
  const asked: unknown[] = [];
  const [address, audit] = [await serving({}, asked), new InMemoryOperatorAudit()];
  const warmup = { entities: ['products', 'products'] };
  expect(await warmUpCaches({ addresses: [address], audit }, { warmup, operator })).toEqual([{ ...address, entities: [warmed] }]);
  expect(asked).toEqual([['/cache/warmup', { ...products, limit: 1_000, by: 'ada' }]]);
  expect(await audit.actions({ limit: 1 })).toMatchObject([
    { verb: 'cache warmup', arguments: { ...products, limit: 1_000 }, before: [{ entries: 4 }], outcome: { succeeded: true } },
  ]);
});

describe('a process that has not done it', () => {
  test('is told of, with what became of the others', async () => {
    const audit = new InMemoryOperatorAudit();
    const clearing = clearCaches({ addresses: [await serving(), gone], audit }, { operator });
    await expect(clearing).rejects.toMatchObject({
      code: 'ServiceUnavailable',
      message: expect.stringMatching(/could not be cleared in gone at .*The others were cleared/),
    });
    expect(await audit.actions({ limit: 1 })).toMatchObject([{ outcome: { succeeded: false } }]);
  });

  test('is told of with what it says itself', async () => {
    const addresses = [await serving({ problem: { status: 503, detail: 'The query service cannot be reached.' } })];
    const warming = warmUpCaches({ addresses, audit: new InMemoryOperatorAudit() }, { warmup: products, operator });
    await expect(warming).rejects.toThrow(/could not be warmed up in gateway at .* \(The query service cannot be reached\)\. Look at/);
  });

  test('is told of with its status, if it says nothing', async () => {
    const clearing = clearCaches(
      { addresses: [await serving({ problem: { status: 502 } })], audit: new InMemoryOperatorAudit() },
      { operator },
    );
    await expect(clearing).rejects.toThrow(/\(it answers with status 502\)\. Nothing was cleared/);
  });
});

describe('is refused before anything is changed or recorded:', () => {
  test.each<[string, string, RegExp]>([
    ['a query', 'prodct', /no query "prodct" whose answers are kept. Did you mean "product"\?/],
    ['the name of an entity', 'customers', /There are: product, products\./],
  ])('clearing %s that there is not', async (_what, query, message) => {
    const [asked, audit]: [unknown[], InMemoryOperatorAudit] = [[], new InMemoryOperatorAudit()];
    const clearing = clearCaches({ addresses: [await serving({}, asked), gone], audit }, { query, operator });
    await expect(clearing).rejects.toMatchObject({ code: 'NotFound', message: expect.stringMatching(message) });
    expect([asked, await audit.actions({ limit: 1 })]).toEqual([[], []]);
  });

  test.each([
    ['an entity that there is not', {}, { entities: ['products', 'orders'] }, 'NotFound', /"orders" .*There are: products, customers\./],
    ['no entity', {}, { entities: [] }, 'BadRequest', /at least one/],
    ['no rows', {}, { ...products, limit: 0 }, 'BadRequest', /1 to 100,000/],
    ['too many rows', {}, { ...products, limit: 100_001 }, 'BadRequest', /1 to 100,000/],
    ['a cache that keeps nothing', { maxBytes: 0 }, products, 'BadRequest', /QUERY_CACHE_MB is 0/],
  ])('warming up %s', async (_what, given, warmup, code, message) => {
    const [asked, audit]: [unknown[], InMemoryOperatorAudit] = [[], new InMemoryOperatorAudit()];
    const warming = warmUpCaches({ addresses: [await serving(given, asked)], audit }, { warmup, operator });
    await expect(warming).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect([asked, await audit.actions({ limit: 1 })]).toEqual([[], []]);
  });
});
