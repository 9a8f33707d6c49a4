import { foldLog, World } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { orderSummary } from './orders/projections/order-summary.ts';
import { seed, seededOrders } from './seed.ts';
import { outside } from './shop.examples.ts';
import { shop } from './shop.ts';

describe('the seed', () => {
  test('is accepted command by command', () => {
    const world = new World({ ...shop, calls: outside() });
    for (const command of seed) expect(world.handle(command), JSON.stringify(command)).toMatchObject({ outcome: 'decided' });
  });

  test('makes eight orders, of which the one that lacks stock is cancelled', () => {
    const world = new World({ ...shop, calls: outside() });
    for (const command of seed) world.handle(command);
    world.settle();
    const rows = foldLog(orderSummary, world.log).get('customer_order') ?? [];
    expect(rows.map(({ id }) => id)).toEqual(seededOrders);
    expect(rows.map(({ status }) => status)).toEqual(seededOrders.map((_, index) => (index === 3 ? 'cancelled' : 'confirmed')));
    expect(rows[3]?.reason).toBe('Gooseneck Kettle: 3 wanted, 2 available.');
  });

  test('has an id of its own for every command and everything it makes', () => {
    const made = seed.flatMap(({ id, type, data }) => [id, ...(type === 'ReceiveStock' ? [] : Object.values(data).slice(0, 1))]);
    expect(new Set(made).size).toBe(made.length);
    expect(JSON.stringify(seed)).not.toContain('-000000000000"');
  });
});
