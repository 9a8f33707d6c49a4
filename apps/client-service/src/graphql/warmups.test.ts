import { AnswerCache, createLogger, Health, ReadModelChanges, versionsOf } from '@kiroku/service';
import { shop, shopQueries } from '@kiroku/shop';
import { afterEach, expect, test, vi } from 'vitest';
import { createGateway } from '../create-gateway.ts';
import { ChangeSignal } from '../upstream/change-signal.ts';
import { type AnsweringServices, KeptAnswers } from '../upstream/kept-answers.ts';
import { GatewayError } from './gateway-error.ts';
import { shopWarmups } from './warmups.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

const id = (n: number) => `0193a5b0-7c1e-7000-8000-${String(n).padStart(12, '0')}`;
const at = '2026-11-29T10:00:00.000000Z';
const category = { id: id(900), name: 'Tea', parentId: null, productCount: 1 };
const product = (n: number) => ({
  id: id(n),
  name: `Cup ${n}`,
  description: '',
  price: { amount: 1250, currency: 'EUR' },
  categoryId: category.id,
  categoryName: category.name,
  discontinued: false,
  stock: { onHand: 5, reserved: 2, available: 3 },
  addedAt: at,
});
const customer = (n: number) => ({ id: id(n), name: `Ada ${n}`, email: 'ada@shop.example', registeredAt: at });

type Params = { readonly first?: number; readonly after?: string; readonly id?: string };

/** A page of 45 rows. */
function page<N>({ first = 20, after = '0' }: Params, node: (n: number) => N) {
  const from = Number(after);
  const edges = Array.from({ length: Math.min(first, 45 - from) }, (_, n) => ({ cursor: `${from + n + 1}`, node: node(from + n) }));
  return { edges, hasNextPage: from + first < 45 };
}

const answers: { readonly [query: string]: (params: Params) => unknown } = {
  product: () => product(1),
  products: (params) => page(params, product),
  category: () => ({ ...category, ancestors: [], children: [] }),
  categoryTree: () => [{ ...category, depth: 1 }],
  customer: () => customer(1),
  customers: (params) => page(params, customer),
  ordersByCustomer: () => ({ edges: [], hasNextPage: false }),
};

/** A gateway over a query service that was heard of up to position 10. */
async function serve() {
  const changes = new ReadModelChanges({ projections: shop.projections });
  for (const { name: projection, version } of shop.projections)
    changes.hear({ kind: 'reading', projection, version, build: 1, positions: [10] });
  changes.hear({ kind: 'current' });
  const answer = vi.fn(async (name: keyof typeof shopQueries, params: Params) => ({
    position: 10,
    result: answers[name]?.(params),
    length: 100,
    versions: versionsOf(shopQueries[name].reads),
  }));
  const answering = { services: { answer } as unknown as AnsweringServices, queries: shopQueries, timeline: () => 1 }; // no commands are sent
  const cache = new AnswerCache({ changes, maxBytes: 10_000_000 });
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const app = await createGateway({
    logger: createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' }),
    health,
    services: new KeptAnswers({ ...answering, cache }),
    cache: { cache, queries: Object.keys(shopQueries), warmups: shopWarmups(answering) },
    changes: () => new ChangeSignal({ timeline: 1, position: 0 }),
    maxDepth: 15,
    maxCost: 5_000,
    maxLength: 20_000,
  });
  opened.push(app);
  const post = async (url: string, payload: object) => (await app.inject({ method: 'POST', url, payload })).json();
  const warmUp = (entities: readonly string[], limit = 1_000) => post('/cache/warmup', { entities, limit });
  const run = (query: string, variables: object = {}) => post('/graphql', { query, variables });
  return { answer, cache, warmUp, run };
}

const one = 'query ($id: UUID!)';
test.each([
  ['products', '{ products { nodes { id } } }', {}],
  ['products', 'query ($after: String) { products(first: 20, after: $after) { nodes { id } } }', { after: '40' }],
  ['products', 'query ($first: Int = 20, $sort: ProductSort) { products(first: $first, sort: $sort) { nodes { id } } }', { sort: 'NAME' }],
  ['products', `${one} { product(id: $id) { name } }`, { id: id(44) }],
  ['categories', '{ categoryTree { id } }', {}],
  ['categories', `${one} { category(id: $id) { name } }`, { id: category.id }],
  ['categories', `${one} { products(filter: { categoryId: $id }) { nodes { id } } }`, { id: category.id }],
  ['categories', 'query ($filter: ProductFilter) { products(filter: $filter) { nodes { id } } }', { filter: { categoryId: category.id } }],
  ['customers', '{ customers { nodes { id } } }', {}],
  ['customers', `${one} { customer(id: $id) { name } }`, { id: id(44) }],
  ['customers', `${one} { ordersByCustomer(customerId: $id) { nodes { id } } }`, { id: id(44) }],
])('after a warm-up of %s, %s is answered from what is kept', async (entity, query, variables) => {
  const { answer, cache, warmUp, run } = await serve();
  await warmUp([entity]);
  answer.mockClear();
  for (let n = 0; n < 3; n++) expect(await run(query, variables)).not.toHaveProperty('errors'); // also once it has been compiled
  expect(answer).not.toHaveBeenCalled();
  expect(cache.stats).toMatchObject({ hits: 3, misses: 0 });
});

test('it says of each entity what was asked for: pages, rows, and what belongs to them', async () => {
  const { warmUp } = await serve();
  expect(await warmUp(['products', 'categories', 'customers'])).toEqual({
    entities: [
      { entity: 'products', asked: 3 + 45, kept: 3 + 45, all: true },
      { entity: 'categories', asked: 1 + 2, kept: 1 + 2, all: true },
      { entity: 'customers', asked: 3 + 2 * 45, kept: 3 + 2 * 45, all: true },
    ],
  });
});

test.each([
  [44, 3 + 44, false],
  [45, 3 + 45, true],
  [20, 1 + 20, false],
])('of at most %i rows it asks for %i answers', async (limit, asked, all) => {
  const { warmUp } = await serve();
  expect(await warmUp(['products'], limit)).toEqual({ entities: [{ entity: 'products', asked, kept: asked, all }] });
});

test('a query service that is gone is told of', async () => {
  const { answer, warmUp } = await serve();
  answer.mockRejectedValue(
    new GatewayError('The query service cannot be reached.', { code: 'ServiceUnavailable', kind: 'fault', retryable: true }),
  );
  expect(await warmUp(['customers'])).toMatchObject({
    status: 503,
    code: 'ServiceUnavailable',
    detail: expect.stringContaining('has not answered everything that was asked of it (ServiceUnavailable)'),
  });
});
