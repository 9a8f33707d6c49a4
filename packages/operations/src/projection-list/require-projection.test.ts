import { describe, expect, it } from 'vitest';
import { requireProjection } from './require-projection.ts';

const projection = (name: string) => ({
  kind: 'fold' as const,
  name,
  version: 1,
  tables: {},
  partitions: 1,
  eventTypes: [],
  upcast: (event: never) => event,
});
const shop = { projections: [projection('order-summary'), projection('product-list')] };

describe('a projection that is asked for by name', () => {
  it('is the one that is declared', () => {
    expect(requireProjection(shop, 'product-list')).toBe(shop.projections[1]);
  });

  it.each([
    ['order-sumary', 'Did you mean "order-summary"?'],
    ['products-list', 'Did you mean "product-list"?'],
    ['x', 'There are: order-summary, product-list.'],
  ])('is not there as "%s", and the answer helps', (name, hint) => {
    expect(() => requireProjection(shop, name)).toThrow(
      expect.objectContaining({ code: 'NotFound', message: expect.stringContaining(hint) }),
    );
  });

  it('cannot be found where none is declared', () => {
    expect(() => requireProjection({ projections: [] }, 'x')).toThrow('declares none');
  });
});
