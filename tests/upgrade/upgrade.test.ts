import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kiroku, ownDirectory, ownPorts, RunningShop } from '../shop/running-shop.ts';
import { followOrder, placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';
import { restoreRelease } from './recorded-release.ts';

let dataDirectory: string;

beforeAll(async () => {
  dataDirectory = await ownDirectory();
});
afterAll(async () => {
  await rm(dataDirectory, { recursive: true, force: true });
});

test('what release 0.1.0 has stored is migrated, whole, and goes on', async () => {
  await using release = await restoreRelease('0.1.0', dataDirectory);
  expect([...release.rows].filter(([, count]) => count === 0)).toEqual([]);
  const { event_store, command_db, query_db } = release.databases;
  const environment = {
    ...(await ownPorts()),
    EVENT_STORE_DATABASE_URL: event_store.url,
    COMMAND_DATABASE_URL: command_db.url,
    QUERY_DATABASE_URL: query_db.url,
  };
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await kiroku({ dataDirectory, environment }, ...args);
    expect({ args, code, stdout: code === 0 ? '' : stdout, stderr: code === 0 ? '' : stderr }).toMatchObject({ args, code: 0 });
    return stdout;
  };
  const sagas = async () => JSON.parse(await run('saga', 'stats', '--json'));

  await run('migrate');
  const [stats] = await Promise.all([sagas(), run('events', 'verify', '--deep'), run('projection', 'verify')]);
  expect(stats).toMatchObject([
    { processManager: 'fulfilment', started: 13, running: 1, completed: 9, compensated: 3, failed: 0, stuck: 0 },
  ]);

  await using shop = await RunningShop.start({ dataDirectory, environment });
  const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 1), registerCustomer(shop.graphql)]);
  const { order } = await placeOrder(shop.graphql, { customerId, productId, quantity: 1 });
  expect((await followOrder(shop.graphql, order.id)).at(-1)).toMatchObject({ status: 'CONFIRMED' });
  await expect.poll(sagas, { timeout: 60_000, interval: 500 }).toMatchObject([{ started: 14, running: 0, failed: 0 }]);
});
