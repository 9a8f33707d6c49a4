import { expect, test, vi } from 'vitest';
import { RunningShop } from '../shop/running-shop.ts';
import { scrape } from '../shop/scrape.ts';
import { followOrder, placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';

test('the counters of a shop agree with what was done in it', async () => {
  await using shop = await RunningShop.start();
  const service = (name: string) => `http://127.0.0.1:${shop.environment[`${name}_SERVICE_PORT`]}`;
  const before = await scrape(service('COMMAND'));
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
  const { rows } = await shop.askDatabase("select count(*)::text as orders from kiroku.events where type = 'OrderPlaced'");
  expect(rows[0]?.orders).toBe(
    String((await scrape(service('COMMAND'))).sum('kiroku_commands_total', { command: 'PlaceOrder', outcome: 'accepted' })),
  );

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
