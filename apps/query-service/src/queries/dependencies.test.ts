import type { Dependency } from '@kiroku/core';
import type { shopQueries } from '@kiroku/shop';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { once } from '../answering/query-database.ts';
import { tablesIn } from '../answering/read-tables.ts';
import { answers } from './answers.ts';

const id = '0199f0a0-0000-7000-8000-000000000001';
const other = '0199f0a0-0000-7000-8000-000000000002';
const at = '2026-11-24T10:00:00.000Z';

/** A row of whatever statement. */
const row = {
  id,
  name: 'Tea',
  description: '',
  price: 1,
  currency: 'EUR',
  discontinued: false,
  on_hand: 1,
  reserved: 0,
  available: 1,
  parent_id: null,
  products: 1,
  level: 0,
  email: '',
  status: 'placed',
  lines: [],
  item_count: 1,
  total: 1,
  reason: null,
  orders: 1,
  items: 1,
  revenue: '1',
  category_id: id,
  category_name: 'Tea',
  customer_id: id,
  customer_name: 'Ann',
  added_at: at,
  placed_at: at,
  settled_at: null,
  registered_at: at,
  day: '2026-11-24',
};

/** Every query, in every shape that its statement may have. */
const asked: readonly (readonly [keyof typeof shopQueries, object])[] = [
  ['product', { id }],
  ...[{}, { categoryId: id }, { categoryId: id, includeSubcategories: true }].flatMap((of) =>
    ['name', 'price', 'newest'].flatMap((sort) =>
      [{}, { search: 'tea' }, { price: { currency: 'EUR', min: 1, max: 2 } }, { includeDiscontinued: true }].map(
        (filter) => ['products', { ...of, sort, ...filter }] as const,
      ),
    ),
  ),
  ['categoryTree', {}],
  ['category', { id }],
  ['order', { id }],
  ['orders', {}],
  ['orders', { status: 'placed' }],
  ['ordersByCustomer', { customerId: id }],
  ['customer', { id }],
  ['customers', {}],
  ['customers', { search: 'ann' }],
  ['salesPerDay', { from: '2026-11-24', to: '2026-11-24' }],
];

function found(name: string, params: object) {
  const answer = answers.find(({ contract }) => contract.name === name);
  if (answer === undefined) throw new Error(`nobody answers ${name}`);
  return { ...answer, params: answer.contract.params.parse(params) };
}

describe('an answer depends on every table that its statement reads, and on no other', () => {
  test.each(asked)('%s %j', (name, params) => {
    const { contract, statement, ...read } = found(name, params);
    const tables = tablesIn((projection) => projection.name);
    const { text } = once(sql`select * from ${statement.write(tables, read.params as never)} as rows`); // of the same contract
    const models = new Set(contract.reads.map((projection) => projection.name));
    const named = [...text.matchAll(/"([^"]+)"\."([^"]+)"/g)].filter(([, schema = '']) => models.has(schema));
    const dependencies = contract.dependsOn(read.params, statement.result([row], read.params as never));
    const dependsOn = dependencies.filter(({ keys }) => keys?.length !== 0).map(({ projection, table }) => `"${projection}"."${table}"`);
    expect(new Set(dependsOn)).toEqual(new Set(named.map(([table]) => table)));
  });

  test('that is said of every query', () => {
    expect(new Set(asked.map(([name]) => name))).toEqual(new Set(answers.map(({ contract }) => contract.name)));
  });
});

describe('an answer that shows nothing depends on what would be shown', () => {
  test.each(asked)('%s %j', (name, params) => {
    const { contract, statement, ...read } = found(name, params);
    const result = statement.result([], read.params as never); // of the same contract
    const dependsOn: readonly Dependency[] = contract.dependsOn(read.params, result).filter(({ keys }) => keys?.length !== 0);
    expect(dependsOn.length).toBeGreaterThan(0);
  });
});

test('the products of a category and those below it depend on any category: another may come to be below it', () => {
  const { contract, params } = found('products', { categoryId: id, includeSubcategories: true });
  const dependsOn: readonly Dependency[] = contract.dependsOn(params, { edges: [], hasNextPage: false });
  expect(dependsOn).toContainEqual({ projection: 'product-list', table: 'category' });
});

test.each(['product', 'order', 'customer'] as const)('%s depends on the row that is asked for, and on no other of its table', (name) => {
  const { contract } = found(name, { id: other });
  const [own] = contract.dependsOn({ id: other }, null);
  expect(own?.keys).toEqual([other]);
});
