import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { RunningShop } from '../shop/running-shop.ts';
import { order } from '../shop/shopkeeping.ts';
import { kirokuShop } from './kiroku-shop.ts';

test('shoppers fill a running shop with orders, and every one that was acknowledged is there', async () => {
  await using shop = await RunningShop.start();
  const args = ['--rate', '50', '--duration', '5s', '--shoppers', '30', '--restock', '100000', '--max-errors', '0', '--json'];
  const { code, stdout } = await kirokuShop(['traffic', '--url', `http://${shop.graphql.host}`, ...args]);
  const report = JSON.parse(stdout);
  expect({ code, ok: report.ok, errors: report.errors }).toEqual({ code: 0, ok: true, errors: {} });
  expect(report.orders.acknowledged).not.toEqual([]);
  for (const id of report.orders.acknowledged) {
    await expect.poll(async () => (await order(shop.graphql, id))?.status, { timeout: 60_000 }).toMatch(/CONFIRMED|CANCELLED/);
  }
  expect(await Promise.all(report.orders.cancelled.map(async (id: string) => (await order(shop.graphql, id))?.status))).toEqual(
    report.orders.cancelled.map(() => 'CANCELLED'),
  );
});

/** A shop that shows its catalogue and is broken otherwise. */
async function brokenShop() {
  const visits = new EventEmitter();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const works = /categoryTree \{ id \}|nodes \{ id name \}/.test(body);
      if (!works) visits.emit('visited');
      const pageInfo = { hasNextPage: false, endCursor: null };
      const data = { categoryTree: [{ id: 'tea' }], products: { nodes: [{ id: 'kettle', name: 'Kettle' }], pageInfo } };
      response
        .writeHead(works ? 200 : 503, { 'content-type': 'application/json' })
        .end(JSON.stringify(works ? { data } : { code: 'Stopping' }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The shop does not listen.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Somebody came for more than the catalogue. */
    visited: once(visits, 'visited'),
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('more errors than allowed fail the run', async () => {
  using shop = await brokenShop();
  const { code, stdout } = await kirokuShop(['traffic', '--url', shop.url, '--rate', '50', '--duration', '1s']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/Errors +Stopping \d+/);
  expect(stdout).toContain('Failed: 100.00 % errors, 1.00 % allowed.');
});

test('as many errors as allowed do not', async () => {
  using shop = await brokenShop();
  const { code } = await kirokuShop(['traffic', '--url', shop.url, '--rate', '50', '--duration', '1s', '--max-errors', '1']);
  expect(code).toBe(0);
});

test('an interrupted run ends with its report', async () => {
  using shop = await brokenShop();
  const args = ['--rate', '50', '--duration', '1h', '--max-errors', '1'];
  const { code, stdout } = await kirokuShop(['traffic', '--url', shop.url, ...args], shop.visited);
  expect(code).toBe(0);
  expect(stdout).toContain('Passed');
});

test('a shop that is not there is told in one line', async () => {
  const { code, stderr } = await kirokuShop(['traffic', '--url', 'http://127.0.0.1:1']);
  expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
});

test.each([
  ['--rate', 'many'],
  ['--rate', '0'],
  ['--duration', '10'],
  ['--seed', '1.5'],
  ['--url', 'shop'],
])('%s %s is a wrong command line', async (flag, value) => {
  expect((await kirokuShop(['traffic', flag, value])).code).toBe(2);
});
