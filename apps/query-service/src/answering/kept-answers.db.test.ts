import { setImmediate } from 'node:timers/promises';
import type { ShopCommand } from '@kiroku/shop';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serveQueries } from '../query-service.test-service.ts';
import { keepingAnswers } from './keeping-answers.test-service.ts';

const few = 3;
const ids = (kind: number) => Array.from({ length: few }, (_, n) => `0199f0a0-0000-7000-8000-00000000${kind}00${n}`);
const [categories, products, customers, orders] = [ids(1), ids(2), ids(3), ids(4)];
const one = (of: readonly string[]) => fc.constantFrom(...of);
const category = one(categories);
const productId = one(products);
const customerId = one(customers);
const orderId = one(orders);
const name = fc.constantFrom('Cup', 'Pot', 'Tin');
const quantity = fc.integer({ min: 1, max: 9 });
const price = fc.record({ amount: fc.integer({ min: 1, max: 3 }), currency: fc.constant('EUR') });

/** Anything that changes what the queries show; what the shop refuses changes nothing. */
const commands: fc.Arbitrary<ShopCommand> = fc.oneof(
  fc.record({
    type: fc.constant('CreateCategory' as const),
    data: fc.record({ categoryId: category, name, parentId: fc.option(category) }),
  }),
  fc.record({ type: fc.constant('RenameCategory' as const), data: fc.record({ categoryId: category, name }) }),
  fc.record({ type: fc.constant('MoveCategory' as const), data: fc.record({ categoryId: category, parentId: fc.option(category) }) }),
  fc.record({ type: fc.constant('DeleteCategory' as const), data: fc.record({ categoryId: category }) }),
  fc.record({
    type: fc.constant('AddProduct' as const),
    data: fc.record({ productId, categoryId: category, name, description: fc.constant(''), price }),
  }),
  fc.record({ type: fc.constant('RenameProduct' as const), data: fc.record({ productId, name }) }),
  fc.record({ type: fc.constant('ChangeProductPrice' as const), data: fc.record({ productId, price }) }),
  fc.record({ type: fc.constant('RecategoriseProduct' as const), data: fc.record({ productId, categoryId: category }) }),
  fc.record({ type: fc.constant('DiscontinueProduct' as const), data: fc.record({ productId }) }),
  fc.record({ type: fc.constant('ReceiveStock' as const), data: fc.record({ productId, quantity }) }),
  fc.record({
    type: fc.constant('RegisterCustomer' as const),
    data: fc.record({ customerId, name, email: customerId.map((id) => `${id}@example.org`) }),
  }),
  fc.record({
    type: fc.constant('ChangeCustomerDetails' as const),
    data: fc.record({ customerId, name, email: customerId.map((id) => `${id}@example.org`) }),
  }),
  fc.record({
    type: fc.constant('PlaceOrder' as const),
    data: fc.record({ orderId, customerId, items: fc.tuple(fc.record({ productId, quantity })) }),
  }),
  fc.record({ type: fc.constant('ReserveStock' as const), data: fc.record({ productId, orderId, quantity }) }),
  fc.record({ type: fc.constant('CancelOrder' as const), data: fc.record({ orderId, reason: fc.constant('no') }) }),
);

/** Every query, of everything that there may be. */
const asked = [
  ...products.map((id) => ['product', { id }] as const),
  ...customers.map((id) => ['customer', { id }] as const),
  ...orders.map((id) => ['order', { id }] as const),
  ...categories.flatMap((id) => [
    ['category', { id }] as const,
    ['products', { categoryId: id }] as const,
    ['products', { categoryId: id, includeSubcategories: true, sort: 'price' }] as const,
    ['products', { categoryId: id, includeDiscontinued: true, sort: 'newest', first: 1 }] as const,
  ]),
  ...customers.map((id) => ['ordersByCustomer', { customerId: id }] as const),
  ['products', {}] as const,
  ['products', { search: 'cup', price: { currency: 'EUR', max: 2 } }] as const,
  ['orders', {}] as const,
  ['orders', { status: 'cancelled' }] as const,
  ['customers', { search: 'tin' }] as const,
  ['categoryTree', {}] as const,
  ['salesPerDay', { from: '2026-01-01', to: '2026-12-31' }] as const,
];

test('what is kept is what would be read, after whatever has happened', async () => {
  await using service = await serveQueries();
  using kept = keepingAnswers(service);
  const before: ShopCommand[] = [
    ...categories.map((categoryId): ShopCommand => ({ type: 'CreateCategory', data: { categoryId, name: 'Tea', parentId: null } })),
    ...products.map(
      (id, n): ShopCommand => ({
        type: 'AddProduct',
        data: { productId: id, categoryId: categories[n] ?? '', name: 'Cup', description: '', price: { amount: 2, currency: 'EUR' } },
      }),
    ),
  ];
  let position = 0;
  const happen = async (command: ShopCommand) => {
    position = Math.max(position, await service.happen(command).catch(() => 0)); // what is refused has not happened
  };
  for (const command of before) await happen(command);
  await fc.assert(
    fc.asyncProperty(fc.array(commands, { minLength: 1, maxLength: 6 }), async (some) => {
      for (const command of some) await happen(command);
      await service.ask('categoryTree', {}, position);
      for (const [name, params] of asked) {
        const answer = await kept.ask(name, params, position);
        const read = (await service.ask(name, params, position)).json();
        expect({ name, params, result: answer.value }).toEqual({ name, params, result: read.result });
        expect(answer.position).toBeLessThanOrEqual(read.position);
      }
    }),
    { numRuns: 60 },
  );
  const { hits, outdated } = kept.cache.stats;
  expect(hits).toBeGreaterThan(asked.length * 20);
  expect(outdated).toBeGreaterThan(0); // how many depends on how much of what is drawn the shop refuses: 16 to 221
}, 120_000);

test('who asks for a position reads what was written there, however many write and read', async () => {
  await using service = await serveQueries();
  using kept = keepingAnswers(service);
  const [categoryId, id] = [ids(1)[0] ?? '', ids(2)[0] ?? ''];
  await service.happen({ type: 'CreateCategory', data: { categoryId, name: 'Tea', parentId: null } });
  await service.happen({
    type: 'AddProduct',
    data: { productId: id, categoryId, name: 'Cup', description: '', price: { amount: 1, currency: 'EUR' } },
  });
  let ends = false;
  const readers = Array.from({ length: 4 }, async () => {
    for (let last = 0; !ends; await setImmediate()) {
      const amount = priceOf((await kept.ask('product', { id })).value);
      expect(amount).toBeGreaterThanOrEqual(last);
      last = amount;
      await kept.ask('products', { categoryId });
    }
  });
  for (let amount = 2; amount <= 60; amount++) {
    const position = await service.happen({ type: 'ChangeProductPrice', data: { productId: id, price: { amount, currency: 'EUR' } } });
    const [one, list] = await Promise.all([kept.ask('product', { id }, position), kept.ask('products', { categoryId }, position)]);
    expect([priceOf(one.value), priceOf((list.value as { edges: { node: unknown }[] }).edges[0]?.node)]).toEqual([amount, amount]);
  }
  ends = true;
  await Promise.all(readers);
  expect(kept.cache.stats.hits).toBeGreaterThan(0);
});

function priceOf(product: unknown): number {
  return (product as { readonly price: { readonly amount: number } } | null)?.price.amount ?? 0; // null: the read models have not come so far
}
