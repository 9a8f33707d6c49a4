import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RunningShop } from '../shop/running-shop.ts';
import { scrape } from '../shop/scrape.ts';
import { followOrder, placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';

let shop: RunningShop;
beforeAll(async () => {
  shop = await RunningShop.start();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const service = (name: string) => `http://127.0.0.1:${shop.environment[`${name}_SERVICE_PORT`]}`;

async function ordersPlaced(): Promise<number> {
  return (await shop.askDatabase("select from kiroku.events where type = 'OrderPlaced'")).rows.length;
}

test('the counters of a shop agree with what was done in it', async () => {
  const [before, ordersBefore] = await Promise.all([scrape(service('COMMAND')), ordersPlaced()]);
  const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
  for (const quantity of [2, 1, 50])
    await followOrder(shop.graphql, (await placeOrder(shop.graphql, { customerId, productId, quantity })).order.id);
  await shop.graphql.ask('mutation { nonsense }');

  const done = (name: string, labels: Readonly<Record<string, string>>) => async () => {
    const now = await scrape(service('COMMAND'));
    return now.sum(name, labels) - before.sum(name, labels);
  };
  await vi.waitFor(async () => {
    expect(await done('kiroku_commands_total', { command: 'PlaceOrder', outcome: 'accepted' })()).toBe(3);
    expect(await done('kiroku_sagas_started_total', {})()).toBe(3);
    expect(await done('kiroku_sagas_ended_total', { outcome: 'completed' })()).toBe(2);
    expect(await done('kiroku_sagas_ended_total', { outcome: 'compensated' })()).toBe(1);
  }, 30_000);
  expect(await done('kiroku_commands_total', { command: 'ConfirmOrder', outcome: 'accepted' })()).toBe(2);
  expect(await done('kiroku_command_rejections_total', { code: 'InsufficientStock' })()).toBe(1);
  expect(await done('kiroku_commands_total', { outcome: 'fault' })()).toBe(0);
  expect((await ordersPlaced()) - ordersBefore).toBe(3);

  const gateway = await scrape(service('CLIENT'));
  expect(gateway.sum('kiroku_http_requests_total', { route: '/graphql', status: '2xx' })).toBeGreaterThan(5);
  expect(gateway.sum('kiroku_graphql_failed_operations_total', { kind: 'invalid' })).toBe(1);
  expect(gateway.sum('kiroku_graphql_failed_operations_total', { kind: 'fault' })).toBe(0);
  await vi.waitFor(async () => {
    const query = await scrape(service('QUERY'));
    expect(query.sum('kiroku_projection_lag_events', {})).toBe(0);
    expect(query.sum('kiroku_projection_state', { state: 'following' })).toBe(
      query.count('kiroku_projection_state', { state: 'following' }),
    );
    expect(query.sum('kiroku_log_position', {})).toBe(
      Number((await shop.askDatabase('select max(position)::text as head from kiroku.events')).rows[0]?.head),
    );
  }, 30_000);
});

test('what is asked for again, and has not changed, is not read again', async () => {
  const hits = async () => (await scrape(service('CLIENT'))).sum('kiroku_cache_lookups_total', { cache: 'answers', result: 'hit' });
  await vi.waitFor(async () => {
    const before = await hits();
    for (let n = 0; n < 3; n++) await shop.graphql.ask('{ products(first: 1) { edges { node { id } } } }');
    expect(await hits()).toBeGreaterThan(before); // until it is heard that nothing was missed, nothing is kept
  }, 30_000);
});

test('ids, names and addresses that are made up make no series', async () => {
  const everySeries = async () => {
    const texts = await Promise.all(['CLIENT', 'COMMAND', 'QUERY'].map(async (name) => (await fetch(`${service(name)}/metrics`)).text()));
    return texts
      .join('\n')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  };
  const madeUp = async (n: number) => {
    const id = `crafted-${n}-${'x'.repeat(n)}`;
    const headers = { 'content-type': 'application/json', 'x-correlation-id': id, 'x-actor': id, 'user-agent': id, 'x-forwarded-for': id };
    const post = (url: string, body: object) =>
      fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }).then((answer) => answer.text());
    await post(`${service('CLIENT')}/graphql`, { query: `query Crafted${n} { order(id: "${crypto.randomUUID()}") { id } }` });
    await post(`${service('CLIENT')}/${id}?${id}=1`, {});
    await post(`${service('COMMAND')}/commands/${id}`, { id: crypto.randomUUID(), data: {} });
    await post(`${service('COMMAND')}/commands/PlaceOrder`, { id, data: { orderId: id } });
    await post(`${service('QUERY')}/queries/${id}`, { params: { id } });
  };
  await madeUp(0); // what is unknown is one value of its own, and appears with its first
  // what the orders before set going has first times of its own, a dozen series to a histogram: until none comes any more
  const before = await vi.waitFor(
    async () => {
      const seen = await everySeries();
      await sleep(1_000);
      const now = await everySeries();
      expect(Math.abs(now.length - seen.length)).toBeLessThanOrEqual(5); // figures that were not read in time are missing for a moment
      return now;
    },
    { timeout: 30_000 },
  );
  for (let n = 1; n <= 20; n++) await madeUp(n);
  const after = await everySeries();
  expect(after.length).toBeLessThan(before.length + 20); // one for each that was made up would be that
  expect(after.filter((line) => /crafted/i.test(line))).toEqual([]);
});
