import { fileURLToPath } from 'node:url';
import type { AlertReport } from '@kiroku/operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kiroku, ownPorts, RunningShop } from '../shop/running-shop.ts';
import { followOrder, placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';

const clock = fileURLToPath(new URL('jumping-clock.mjs', import.meta.url));
let shop: RunningShop;
beforeAll(async () => {
  const quick = { PROCESS_LEASE_MS: '5000', PROJECTION_LEASE_MS: '5000', HEALTH_CHECK_TIMEOUT_MS: '10000', ALERT_INTERVAL_SECONDS: '4' };
  shop = await RunningShop.start({ environment: { ...(await ownPorts()), ...quick, NODE_OPTIONS: `--import ${clock}` } });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test('a clock on the wall that jumps by an hour, to and fro, holds up no order, and makes nothing look ill', async () => {
  const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 50), registerCustomer(shop.graphql)]);
  for (let n = 0; n < 5; n++) {
    const { order } = await placeOrder(shop.graphql, { customerId, productId, quantity: 1 });
    expect((await followOrder(shop.graphql, order.id)).at(-1)?.status).toBe('CONFIRMED');
    const health = await (await fetch(`http://${shop.graphql.host}/health`)).json();
    expect(health).toMatchObject({ ready: true, state: 'ready' });
  }
  const { alerts } = (await (await fetch(`http://${shop.graphql.host}/operations/alerts`)).json()) as Pick<AlertReport, 'alerts'>;
  expect(alerts.filter(({ severity, name }) => severity === 'critical' && name !== 'KirokuDiskFull')).toEqual([]);
  const here = { dataDirectory: shop.dataDirectory, environment: { ...shop.environment, NODE_OPTIONS: '' } };
  for (const verb of ['events', 'audit']) expect(await kiroku(here, verb, 'verify')).toMatchObject({ code: 0 });
});
