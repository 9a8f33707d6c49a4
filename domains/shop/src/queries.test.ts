import { check } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { shop, shopQueries } from './shop.ts';

const { products, salesPerDay, orders } = shopQueries;

describe('questions to the read models', () => {
  test('are named as they are listed, and read what the shop projects', () => {
    for (const [name, query] of Object.entries(shopQueries)) {
      expect(query.name).toBe(name);
      expect(shop.projections).toEqual(expect.arrayContaining([...query.reads]));
    }
  });

  test('have schemas that an API can publish', () => {
    for (const { params, result } of Object.values(shopQueries)) {
      expect(z.toJSONSchema(params, { io: 'input' })).toHaveProperty('type', 'object');
      expect(z.toJSONSchema(result)).toBeTypeOf('object');
    }
  });

  test('give 20 entries unless told otherwise', () => {
    expect(check(products.params, {})).toEqual({
      value: { first: 20, includeSubcategories: false, includeDiscontinued: false, sort: 'name' },
    });
  });

  test.each([
    ['no entries', { first: 0 }, 'first'],
    ['101 entries', { first: 101 }, 'first'],
    ['an unknown order', { sort: 'rating' }, 'sort'],
    ['a price range upside down', { price: { currency: 'EUR', min: 2, max: 1 } }, 'price.max'],
    ['a price range without a currency', { price: { min: 1 } }, 'price.currency'],
    ['an empty search', { search: ' ' }, 'search'],
  ])('cannot ask for %s', (_, params, path) => {
    expect(check(products.params, params)).toHaveProperty('issues.0.path', path);
  });

  test('cannot ask for what they do not know', () => {
    expect(check(orders.params, { stauts: 'placed' })).toHaveProperty('issues.0.message', 'Unrecognized key: "stauts"');
  });

  test('ask for the sales of at most a year and a day', () => {
    expect(check(salesPerDay.params, { from: '2024-01-01', to: '2024-12-31' })).toHaveProperty('value');
    expect(check(salesPerDay.params, { from: '2024-01-01', to: '2025-01-01' })).toHaveProperty('issues.0.path', 'to');
    expect(check(salesPerDay.params, { from: '2024-01-02', to: '2024-01-01' })).toHaveProperty('issues.0.path', 'to');
    expect(check(salesPerDay.params, { from: '2024-02-30', to: '2024-03-01' })).toHaveProperty('issues.0.path', 'from');
  });

  test('do not ask for a day that the database has none of', () => {
    expect(check(salesPerDay.params, { from: '0000-01-01', to: '0000-01-02' })).toHaveProperty('issues.0.path', 'from');
  });
});
