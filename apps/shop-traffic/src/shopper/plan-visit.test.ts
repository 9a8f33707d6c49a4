import { describe, expect, test } from 'vitest';
import type { Action } from './actions.ts';
import { planVisit, type World } from './plan-visit.ts';
import { seededRandom } from './random.ts';
import { zipf } from './zipf.ts';

function world(customers: readonly string[], declineShare: number): World {
  const ids = [1, 2, 3, 4].map((id) => `id-${id}`);
  const products = Array.from({ length: 20 }, (_, index) => ({ id: `product-${index}`, name: `Kettle no ${index}` }));
  return {
    catalogue: { products, categories: ['coffee', 'tea'] },
    wantedProduct: zipf(20),
    customers,
    newId: () => ids.shift() ?? 'no more',
    declineShare,
  };
}

function visits(customers: readonly string[] = [], declineShare = 0): readonly (readonly Action[])[] {
  const random = seededRandom(1);
  return Array.from({ length: 500 }, () => planVisit(random, world(customers, declineShare)));
}
const kinds = (visit: readonly Action[]) => visit.map(({ kind }) => kind);
const ordering = (all: readonly (readonly Action[])[]) => all.filter((visit) => kinds(visit).includes('order'));

describe('a visit', () => {
  test('is the same for the same seed', () => {
    expect(visits()).toEqual(visits());
  });

  test('begins with looking around', () => {
    expect(new Set(visits().map((visit) => kinds(visit).slice(0, 2).join()))).toEqual(new Set(['categories,list']));
  });

  test('leads to an order in some cases', () => {
    expect(ordering(visits()).length).toBeGreaterThan(100);
    expect(ordering(visits()).length).toBeLessThan(400);
  });

  test('orders only what was looked at', () => {
    for (const visit of ordering(visits())) {
      const looked = visit.flatMap((action) => (action.kind === 'product' ? [action.productId] : []));
      const ordered = visit.flatMap((action) => (action.kind === 'order' ? action.items.map(({ productId }) => productId) : []));
      expect(looked).toEqual(expect.arrayContaining(ordered));
    }
  });

  test('registers a new customer before ordering', () => {
    for (const visit of ordering(visits())) expect(kinds(visit).indexOf('register')).toBe(kinds(visit).indexOf('order') - 1);
  });

  test('is often that of a customer who was there before', () => {
    const returning = ordering(visits(['ada'])).filter((visit) => !kinds(visit).includes('register'));
    expect(returning.every((visit) => visit.some((action) => action.kind === 'order' && action.customerId === 'ada'))).toBe(true);
    expect(returning.length).toBeGreaterThan(ordering(visits(['ada'])).length / 2);
  });

  test('pays with what is declined as often as was asked for', () => {
    const tokens = visits([], 0.25).flatMap((visit) => visit.flatMap((action) => (action.kind === 'order' ? [action.paymentToken] : [])));
    expect(tokens.filter((token) => token.startsWith('decline-')).length / tokens.length).toBeCloseTo(0.25, 1);
    expect(
      visits([], 0)
        .flat()
        .filter((action) => action.kind === 'order' && action.paymentToken.startsWith('decline-')),
    ).toEqual([]);
  });

  test('cancels at most the order it has just placed', () => {
    const cancelling = visits().filter((visit) => kinds(visit).includes('cancel'));
    expect(cancelling.length).toBeGreaterThan(0);
    for (const visit of cancelling) expect(kinds(visit).indexOf('cancel')).toBe(kinds(visit).indexOf('order') + 1);
  });
});
