import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kill, kiroku, RunningShop } from '../shop/running-shop.ts';
import { order, placeOrder, registerCustomer, stockProduct } from '../shop/shopkeeping.ts';

interface Taken {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
}

let shop: RunningShop;
let receiver: Server;
let url: string;
let secret: string;
const taken: Taken[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const event = new Webhook(secret).verify(Buffer.concat(chunks).toString(), request.headers as Record<string, string>) as {
        readonly [attribute: string]: string;
      }; // a CloudEvent
      taken.push({ position: Number(event.position), stream: event.subject ?? '', type: event.type ?? '' });
      setTimeout(() => response.writeHead(204).end(), 20); // so that something is always on its way
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver does not listen.');
  url = `http://127.0.0.1:${address.port}/hooks`;
  shop = await RunningShop.start();
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  receiver.closeAllConnections();
  receiver.close();
});

describe('an outside consumer', () => {
  test('gets every event, those of a stream in order, though the command service is killed while it delivers', async () => {
    const added = await kiroku(shop, 'consumer', 'add', 'crm', url, '--category', 'order', 'payment', 'shipment', '--json');
    const { consumer, secret: told } = JSON.parse(added.stdout);
    secret = told;
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 100), registerCustomer(shop.graphql)]);
    const orders = await Promise.all(Array.from({ length: 20 }, () => placeOrder(shop.graphql, { customerId, productId, quantity: 1 })));
    await expect.poll(() => taken.length, { timeout: 30_000 }).toBeGreaterThan(20);
    kill((await shop.processIds()).services['command-service'] ?? 0);

    for (const { order: placed } of orders) {
      await expect.poll(async () => (await order(shop.graphql, placed.id))?.status, { timeout: 60_000 }).toBe('CONFIRMED');
    }
    const expected = await eventsOf(['order', 'payment', 'shipment'], consumer.position);
    await expect.poll(() => new Set(taken.map(({ position }) => position)).size, { timeout: 30_000 }).toBe(expected.length);
    for (const stream of new Set(expected.map((event) => event.stream))) {
      expect(positionsOf(taken, stream)).toEqual(positionsOf(expected, stream));
    }
    await expect
      .poll(async () => JSON.parse((await kiroku(shop, 'consumer', 'show', 'crm', '--json')).stdout).consumer)
      .toMatchObject({
        state: 'delivering',
        waiting: 0,
        dead: 0,
      });
  });
});

describe('a payment whose answer never comes', () => {
  test('is learned by webhook: the order is confirmed', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    // takes effect, is not answered, and cannot be asked for; its webhook comes twice and late
    await behave({
      operations: { authorise: { lostShare: 1 }, find: { errorShare: 1 } },
      webhooks: { duplicateShare: 1, spreadMs: 300 },
    });
    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2 });
    await expect.poll(async () => (await order(shop.graphql, placed.id))?.status, { timeout: 30_000 }).toBe('CONFIRMED');
    await behave({});
  });
});

async function behave(behaviour: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${shop.environment.PAYMENT_SIMULATOR_PORT}/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  });
  expect(response.status).toBe(200);
}

async function eventsOf(categories: readonly string[], after: number): Promise<readonly Taken[]> {
  const { stdout } = await kiroku(shop, 'events', 'tail', '--from-position', String(after + 1), '--limit', '1000000', '--json');
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line): Taken => JSON.parse(line)).filter(({ stream }) => categories.includes(stream.split('-')[0] ?? ''));
}

/** In the order of their first appearance. */
function positionsOf(events: readonly Taken[], stream: string): readonly number[] {
  return [...new Set(events.filter((event) => event.stream === stream).map(({ position }) => position))];
}
