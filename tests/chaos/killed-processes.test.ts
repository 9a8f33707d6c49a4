import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRunning, kill, kiroku, ownDirectory, ownPorts, RunningShop } from '../shop/running-shop.ts';
import { order, placeOrder, registerCustomer, stock, stockProduct } from '../shop/shopkeeping.ts';

let dataDirectory: string;
let environment: Readonly<Record<string, string>>;
let shop: RunningShop;

beforeAll(async () => {
  [dataDirectory, environment] = await Promise.all([ownDirectory(), ownPorts()]);
  shop = await RunningShop.start({ dataDirectory, environment });
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await rm(dataDirectory, { recursive: true, force: true });
});

/** Buyers who order one after another, and repeat an order under its command id until it is acknowledged. */
class Buyers {
  readonly acknowledged: string[] = [];
  #buying = true;
  readonly #loops: readonly Promise<void>[];

  constructor(customerId: string, productId: string, count: number) {
    this.#loops = Array.from({ length: count }, () => this.#buy(customerId, productId));
  }

  /** Returns when every order that was begun has been acknowledged. */
  async stop(): Promise<void> {
    this.#buying = false;
    await Promise.all(this.#loops);
  }

  async #buy(customerId: string, productId: string): Promise<void> {
    while (this.#buying) {
      const request = { customerId, productId, quantity: 1, orderId: randomUUID(), commandId: randomUUID() };
      await untilAcknowledged(() => placeOrder(shop.graphql, request));
      this.acknowledged.push(request.orderId);
    }
  }
}

/** Repeats while the answer is a fault; anything else that goes wrong is a finding. */
async function untilAcknowledged(attempt: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (/"kind":"(rejection|invalid)"/.test(String(error))) throw error;
      await sleep(100);
    }
  }
}

async function everyOrderIsThereOnce(acknowledged: readonly string[], productId: string): Promise<void> {
  const { stdout } = await kiroku(shop, 'events', 'tail', '--from-position', '1', '--limit', '1000000', '--json');
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): { position: number; type: string; stream: string } => JSON.parse(line));
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));

  const placed = events.filter(({ type }) => type === 'OrderPlaced').map(({ stream }) => stream);
  expect(new Set(placed).size).toBe(placed.length);
  expect(placed).toEqual(expect.arrayContaining(acknowledged.map((id) => `order-${id}`)));

  for (const id of acknowledged)
    await expect.poll(async () => (await order(shop.graphql, id))?.status, { timeout: 60_000 }).toBe('CONFIRMED');
  await expect.poll(async () => (await stock(shop.graphql, productId)).reserved, { timeout: 60_000 }).toBe(acknowledged.length);
  await everyOrderIsPaidAndShippedOnce(acknowledged);
}

/** As the payment service and the carrier have it: their ledger knows each effect by its key. */
async function everyOrderIsPaidAndShippedOnce(acknowledged: readonly string[]): Promise<void> {
  const keys: string[] = [];
  for (let [after, isMore] = [0, true]; isMore; ) {
    const page = await fetch(`http://127.0.0.1:${environment.PAYMENT_SIMULATOR_PORT}/ledger?after=${after}&limit=10000`);
    const { entries, next } = (await page.json()) as { entries: { key: string }[]; next: number }; // its document says so
    keys.push(...entries.map(({ key }) => key));
    isMore = entries.length > 0;
    after = next;
  }
  const ours = new Set(acknowledged);
  const found = keys.filter((key) => ours.has(key.split(':')[1] ?? '')).sort();
  expect(found).toEqual(acknowledged.flatMap((id) => ['arrange', 'authorise', 'capture'].map((effect) => `${effect}:${id}`)).sort());
}

describe('in the middle of a stream of orders', () => {
  test.each(['query-service', 'command-service', 'client-service', 'payment-simulator', 'PostgreSQL'])(
    'a killed %s comes back, and every acknowledged order is there once',
    async (what) => {
      const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 100_000), registerCustomer(shop.graphql)]);
      const buyers = new Buyers(customerId, productId, 4);
      await sleep(700);

      const { postgres, services } = await shop.processIds();
      kill(what === 'PostgreSQL' ? postgres : (services[what] ?? 0));
      await sleep(500);
      await shop.untilReady();
      await sleep(700);
      await buyers.stop();

      expect(buyers.acknowledged.length).toBeGreaterThan(4);
      await everyOrderIsThereOnce(buyers.acknowledged, productId);
    },
  );

  test('everything killed at once recovers at the next start', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 100_000), registerCustomer(shop.graphql)]);
    const buyers = new Buyers(customerId, productId, 4);
    await sleep(700);

    await shop.killEverything();
    await shop.graphql.close();
    shop = await RunningShop.start({ dataDirectory, environment });
    await buyers.stop();

    await everyOrderIsThereOnce(buyers.acknowledged, productId);
  });

  test('a killed supervisor leaves no service behind, and the next start takes over', async () => {
    const { supervisor, services } = await shop.processIds();
    kill(supervisor);
    await expect.poll(() => Object.values(services).filter(isRunning), { timeout: 20_000 }).toEqual([]);
    await shop.graphql.close();

    shop = await RunningShop.start({ dataDirectory, environment });

    expect((await kiroku(shop, 'health')).code).toBe(0);
  });
});
