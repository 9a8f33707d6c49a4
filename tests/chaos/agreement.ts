import { expect } from 'vitest';
import { kiroku, type RunningShop } from '../shop/running-shop.ts';
import { stock } from '../shop/shopkeeping.ts';
import { type OrderBook, readShopBooks } from './shop-books.ts';
import { readSimulatorBooks } from './simulator-books.ts';

export interface Agreement {
  readonly orders: ReadonlyMap<string, OrderBook>;
  /** Share of the orders that could complete which did. */
  readonly completion: number;
}

/**
 * Waits until every order is settled, and expects that nothing acknowledged is lost, that stock, payments in the simulator's own ledger,
 * shipments and orders agree to the unit, and that the read models say what the log says.
 */
export async function everythingAgrees(shop: RunningShop, acknowledged: readonly string[], withinMs = 120_000): Promise<Agreement> {
  await expect.poll(() => unsettled(shop), { timeout: withinMs, interval: 250 }).toEqual([]);
  const { orders, reserved, positions } = await readShopBooks(shop);
  expect(positions).toEqual(positions.map((_, index) => index + 1));
  expect(acknowledged.filter((id) => !orders.has(id))).toEqual([]);

  const confirmed = [...orders].filter(([, { status }]) => status === 'confirmed');
  const ids = confirmed.map(([id]) => id);
  expect([...orders.values()].filter(({ status }) => status === 'placed')).toEqual([]);
  expect(nonZero(reserved)).toEqual(piecesOf(confirmed.map(([, order]) => order)));

  const books = await readSimulatorBooks(shop.simulatorUrl);
  expect(books.held).toEqual([]);
  expect(books.taken).toEqual(Object.fromEntries(confirmed.map(([id, { total }]) => [id, total])));
  expect(books.shipped.toSorted()).toEqual(ids.toSorted());
  expect(ids.filter((id) => books.effects.get(id)?.join() !== 'arrange,authorise,capture')).toEqual([]);
  expect([...books.effects.keys()].filter((id) => !orders.has(id))).toEqual([]);

  await readModelsAgree(shop, reserved);
  const could = [...orders.values()].filter(({ couldComplete }) => couldComplete);
  return { orders, completion: could.filter(({ status }) => status === 'confirmed').length / could.length };
}

/** Orders whose fulfilment has not begun, goes on, or cannot go on. */
async function unsettled(shop: RunningShop): Promise<readonly unknown[]> {
  const [placed, instances] = await Promise.all([
    shop.askDatabase(`select stream from kiroku.events where type = 'OrderPlaced'`),
    shop.askDatabase('select instance, status, failure from kiroku.process_instances', 'command_db'),
  ]);
  const begun = new Set(instances.rows.map(({ instance }) => `order-${instance}`));
  return [...placed.rows.filter(({ stream }) => !begun.has(stream ?? '')), ...instances.rows.filter(({ status }) => status !== 'done')];
}

async function readModelsAgree(shop: RunningShop, reserved: Readonly<Record<string, number>>): Promise<void> {
  const verified = await kiroku(shop, 'projection', 'verify', '--json');
  expect({ ...verified, stdout: verified.code === 0 ? '' : verified.stdout }).toMatchObject({ code: 0, stdout: '' });
  for (const [productId, pieces] of Object.entries(reserved)) {
    await expect.poll(async () => (await stock(shop.graphql, productId)).reserved, { timeout: 30_000 }).toBe(pieces);
  }
}

function piecesOf(orders: readonly OrderBook[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const { pieces } of orders) for (const [id, count] of Object.entries(pieces)) sum[id] = (sum[id] ?? 0) + count;
  return sum;
}

function nonZero(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
