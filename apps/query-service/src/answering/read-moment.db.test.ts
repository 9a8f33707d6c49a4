import { randomUUID } from 'node:crypto';
import { type NewEvent, type RecordedEvent, rowKeyText, type StreamName } from '@kiroku/core';
import { openReplayStores, planReplay, type ReplayChoice, replayJob } from '@kiroku/operations';
import { createPool } from '@kiroku/postgres';
import { type ShopEvent, shop } from '@kiroku/shop';
import { foldOneByOne, InMemoryKeyStore } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serveQueries } from '../query-service.test-service.ts';

const replaying = { application: shop, keys: new InMemoryKeyStore() };
const eur = (amount: number) => ({ amount, currency: 'EUR' });

type Service = Awaited<ReturnType<typeof serveQueries>>;

/** Builds a moment of the service's databases, as `kiroku replay` does. */
async function replay({ databases }: Service, choice: ReplayChoice): Promise<void> {
  await using stores = openReplayStores(databases, replaying);
  const { arguments: wanted } = await planReplay(stores, choice);
  await replayJob(databases, replaying).run({
    id: randomUUID(),
    arguments: wanted,
    epoch: 1,
    cursor: undefined,
    signal: new AbortController().signal,
    report: () => undefined,
    saved: () => Promise.resolve(),
    log: () => undefined,
  });
}

/** A category that is renamed from Tea to Coffee; returns its id, and the positions before and after. */
async function renamedCategory(service: Service) {
  const categoryId = randomUUID();
  const named = await service.happen({ type: 'CreateCategory', data: { categoryId, name: 'Tea', parentId: null } });
  const renamed = await service.happen({ type: 'RenameCategory', data: { categoryId, name: 'Coffee' } });
  return { categoryId, named, renamed };
}

describe('a query asOf a moment', () => {
  it('is answered with what was true then, by name, time or position of the moment', async () => {
    await using service = await serveQueries();
    const { categoryId, named, renamed } = await renamedCategory(service);
    await replay(service, { until: named, into: 'before' });
    const [event] = (await service.eventStore.readLog()).events;
    for (const asOf of ['before', named, String(named), `${event?.recordedAt}`]) {
      const answer = (await service.askAsOf('category', { id: categoryId }, asOf)).json();
      expect(answer).toMatchObject({ position: named, result: { name: 'Tea' } });
    }
    const live = (await service.ask('category', { id: categoryId }, renamed)).json();
    expect(live).toMatchObject({ position: renamed, result: { name: 'Coffee' } });
  });

  it('for which nothing was built says which command builds it', async () => {
    await using service = await serveQueries();
    const { categoryId, named, renamed } = await renamedCategory(service);
    await replay(service, { until: named, names: ['customer-list'] });
    const asked = [
      [named, `--until ${named} category`],
      [renamed, `--until ${renamed} category`],
      [`at_${renamed}`, `--until ${renamed} category`],
      ['nowhere', '--into nowhere category'],
    ] as const;
    for (const [asOf, command] of asked) {
      const answer = (await service.askAsOf('category', { id: categoryId }, asOf)).json();
      expect(answer).toMatchObject({ status: 404, code: 'MomentNotBuilt', detail: expect.stringContaining(command) });
      expect(answer.detail).toContain('category-tree');
    }
  });

  it.each<[string, object, string | number, object, RegExp]>([
    ['beyond the head', {}, 3, {}, /positions 1 to 2/],
    ['before the first event', {}, '2001-01-01', {}, /before the first event/],
    ['that has not come yet', {}, '2999-01-01', {}, /not come yet/],
    ['without its offset', {}, '2026-11-24T10:00:00', {}, /with its offset/],
    ['on a day that does not exist', {}, '2026-02-30', {}, /ISO 8601/],
    ['by what the read models of now are called', {}, 'live', {}, /leave it out/],
    ['that is no moment at all', {}, 'the day before yesterday', {}, /ISO 8601/],
    ['and at least a position', {}, 1, { atLeast: 1 }, /cannot be together/],
    ['by a token that is none', {}, '0:5', {}, /"asOf" must be a position/],
    ['of position 0', {}, 0, {}, /asOf/],
  ])('%s is refused', async (_, params, asOf, more, detail) => {
    await using service = await serveQueries();
    await renamedCategory(service);
    const answer = (await service.askAsOf('categoryTree', params, asOf, more)).json();
    expect(answer).toMatchObject({ status: 400, code: 'BadRequest', detail: expect.stringMatching(detail) });
  });

  it('sees nothing of a moment that is being built, or was dropped', async () => {
    await using service = await serveQueries();
    const { named } = await renamedCategory(service);
    await replay(service, { until: named, into: 'before' });
    await using stores = openReplayStores(service.databases, replaying);
    const plan = await planReplay(stores, { until: named, into: 'before', replace: true });
    await stores.moments.begin({ ...plan.arguments, projections: shop.projections, job: randomUUID(), epoch: 1 });
    expect((await service.askAsOf('categoryTree', {}, 'before')).json()).toMatchObject({ code: 'MomentNotBuilt' });
    await stores.moments.drop('before');
    expect((await service.askAsOf('categoryTree', {}, 'before')).json()).toMatchObject({ code: 'MomentNotBuilt' });
  });
});

describe('a moment of the shop', () => {
  it('has of every projection exactly the rows that the events up to it amount to', { timeout: 120_000 }, async () => {
    await using service = await serveQueries();
    const pool = createPool({ url: service.databases.query_db, applicationName: 'test', max: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(shopEvent, { minLength: 1, maxLength: 60 }), fc.nat(60), async (happened, back) => {
        for (const { stream, event } of happened)
          await service.eventStore.append({ streams: [{ stream, expectedVersion: 'any', events: [event] }] });
        const { events, position: head } = await service.eventStore.readLog({ pageSize: 10_000 });
        const until = Math.max(1, head - back);
        const name = `m${head}_${until}`;
        await replay(service, { until, into: name });
        for (const projection of shop.projections) {
          const expected = foldOneByOne(projection, upTo(events, until));
          for (const [table, declared] of Object.entries(projection.tables)) {
            const schema = `${name}_${projection.name.replaceAll('-', '_')}_v${projection.version}`;
            const { rows } = await pool.query<Record<string, unknown>>(`select * from "${schema}"."${table}"`);
            const byKey = (all: Iterable<object>) => new Map([...all].map((row) => [rowKeyText(declared, { ...row }), settled(row)]));
            expect(byKey(rows)).toEqual(byKey(expected[table]?.values() ?? []));
          }
        }
      }),
      { numRuns: 15 },
    );
    await pool.end();
  });
});

function upTo(events: readonly RecordedEvent[], until: number): readonly RecordedEvent[] {
  return events.filter(({ position }) => position <= until);
}

/** A row with its times as PostgreSQL writes them. */
function settled(row: object): object {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    typeof value === 'string' && /T.*\.\d{3}Z$/.test(value) ? value.replace('Z', '000Z') : value,
  ]);
  return Object.fromEntries(entries);
}

// few ids, so that events meet; whether a decision would allow them in this order does not matter to a fold
const id = fc.integer({ min: 1, max: 3 }).map((n) => `00000000-0000-7000-8000-00000000000${n}`);
const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });
const count = fc.integer({ min: 1, max: 9 });
const money = fc.record({ amount: fc.nat(10_000), currency: fc.constantFrom('EUR', 'JPY') });
const instant = fc.integer({ min: 1, max: 27 }).map((day) => `2026-03-${String(day).padStart(2, '0')}T09:30:00.000Z`);
const placed = { orderId: id, customerId: id, total: money, itemCount: count, placedAt: instant };
const lines = fc.constant([{ productId: 'p', name: 'Cup', quantity: 1, unitPrice: eur(5), lineTotal: eur(5) }]);
const shopEvents: { readonly [type in ShopEvent['type']]?: { readonly [field: string]: fc.Arbitrary<unknown> } } = {
  CategoryCreated: { categoryId: id, name: text, parentId: fc.option(id), ancestors: fc.constant([]) },
  CategoryRenamed: { categoryId: id, name: text, previousName: text },
  CategoryMoved: { categoryId: id, parentId: fc.option(id), previousParentId: fc.constant(null), ancestors: fc.constant([]) },
  CategoryDeleted: { categoryId: id, name: text, parentId: fc.constant(null) },
  ProductAdded: { productId: id, name: text, description: text, price: money, categoryId: id },
  ProductRenamed: { productId: id, name: text },
  ProductDescribed: { productId: id, description: text },
  ProductPriceChanged: { productId: id, price: money },
  ProductRecategorised: { productId: id, categoryId: id, previousCategoryId: id },
  ProductDiscontinued: { productId: id, categoryId: id },
  StockReceived: { productId: id, quantity: count },
  StockAdjusted: { productId: id, change: fc.integer({ min: -5, max: 5 }), reason: text },
  StockReserved: { productId: id, orderId: id, quantity: count },
  StockReleased: { productId: id, orderId: id, quantity: count },
  CustomerRegistered: { customerId: id, name: text, email: fc.constant('ada@example.org') },
  CustomerDetailsChanged: {
    customerId: id,
    name: text,
    email: fc.constant('a@example.org'),
    previousEmail: fc.constant('ada@example.org'),
  },
  OrderPlaced: { ...placed, lines },
  OrderConfirmed: { ...placed, confirmedAt: instant },
  OrderCancelled: { ...placed, reason: text, cancelledAt: instant },
};

const versions = new Map(shop.aggregates.flatMap(({ events }) => Object.entries(events).map(([type, { version = 1 }]) => [type, version])));

const shopEvent: fc.Arbitrary<{ readonly stream: StreamName; readonly event: NewEvent }> = fc.oneof(
  ...Object.entries(shopEvents).map(([type, fields]) =>
    fc.record(fields).map((data) => ({
      stream: 'history-1' as const,
      event: { type, schemaVersion: versions.get(type) ?? 1, data: data as NewEvent['data'] }, // JSON, by the arbitraries above
    })),
  ),
);
