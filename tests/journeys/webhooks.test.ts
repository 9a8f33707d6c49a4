import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSimulatorBooks } from '../chaos/simulator-books.ts';
import { kill, kiroku, ownPorts, RunningShop } from '../shop/running-shop.ts';
import { cancelOrder, order, placeOrder, registerCustomer, stock, stockProduct } from '../shop/shopkeeping.ts';

interface Taken {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
}

const boundarySecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

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
  // what a killed process had is taken over when its lease ends, not after ten seconds
  shop = await RunningShop.start({
    environment: { ...(await ownPorts()), PROCESS_LEASE_MS: '3000', PAYMENT_WEBHOOK_SECRET: boundarySecret },
  });
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

describe('webhooks about an order whose saga has ended', () => {
  test('change nothing, whether repeated, in disorder, contradicting or not signed', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2 });
    await sagaEnds(placed.id, 'completed');
    const before = await eventsOfOrder(placed.id);
    const announcements = [
      { name: 'cancel', outcome: { outcome: 'cancelled' } },
      { name: 'refund', outcome: { outcome: 'refunded' } },
      { name: 'void', outcome: { outcome: 'voided' } },
      { name: 'capture', outcome: { outcome: 'declined', code: 'InsufficientFunds' } },
      { name: 'arrange', outcome: { outcome: 'arranged', shipmentId: randomUUID(), trackingCode: 'KR0' } },
      { name: 'authorise', outcome: { outcome: 'declined', code: 'InsufficientFunds' } },
      { name: 'authorise', outcome: { outcome: 'authorised', paymentId: randomUUID() } },
    ];
    const posts = [...announcements, ...announcements].map((each) => announce({ ...each, key: `${each.name}:${placed.id}` }));
    expect(new Set(await Promise.all(posts))).toEqual(new Set([204]));
    const refund = { name: 'refund', key: `refund:${placed.id}`, outcome: { outcome: 'refunded' } };
    const wrong = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    expect(await announce(refund, { secret: wrong })).toBe(401);
    expect(await announce(refund, { at: new Date(Date.now() - 400_000) })).toBe(401);
    expect(await announce(refund, { secret: undefined })).toBe(401);
    expect(await eventsOfOrder(placed.id)).toEqual(before);
    await sagaEnds(placed.id, 'completed');
  });

  test('of a success that comes after all was undone leave it undone', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    // takes effect, is not answered, cannot be asked for, and is not announced in time
    await behave({ operations: { authorise: { lostShare: 1 }, find: { errorShare: 1 } }, webhooks: { url: 'http://127.0.0.1:9/nobody' } });
    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2 });
    await expect
      .poll(async () => (await readSimulatorBooks(shop.simulatorUrl)).effects.get(placed.id), { timeout: 30_000 })
      .toEqual(['authorise']);
    await cancelOrder(shop.graphql, placed.id, 'changed my mind');
    await behave({});
    await sagaEnds(placed.id, 'compensated');
    expect(
      await announce({ name: 'authorise', key: `authorise:${placed.id}`, outcome: { outcome: 'authorised', paymentId: randomUUID() } }),
    ).toBe(204);
    await sagaEnds(placed.id, 'compensated');
    expect((await order(shop.graphql, placed.id))?.status).toBe('CANCELLED');
    expect((await readSimulatorBooks(shop.simulatorUrl)).effects.get(placed.id)).toEqual(['authorise', 'void']);
    expect(await stock(shop.graphql, productId)).toEqual({ onHand: 5, reserved: 0, available: 5 });
  });
});

async function sagaEnds(id: string, phase: string): Promise<void> {
  const saga = async () => JSON.parse((await kiroku(shop, 'saga', 'show', id, '--json')).stdout);
  await expect.poll(saga, { timeout: 60_000, interval: 500 }).toMatchObject({ status: 'done', state: { phase } });
}

/** Types of all events about an order. */
async function eventsOfOrder(id: string): Promise<readonly string[]> {
  const { rows } = await shop.askDatabase(
    `select stream || ' ' || type as event from kiroku.events where stream like '%${id}' order by position`,
  );
  return rows.map(({ event = '' }) => event);
}

/** Posts as the payment service or the carrier does, with an id of its own; returns the status. Without a secret it is not signed. */
async function announce(
  data: { readonly name: string; readonly key: string; readonly outcome: object },
  { at = new Date(), ...signing }: { readonly secret?: string | undefined; readonly at?: Date } = {},
): Promise<number> {
  const secret = 'secret' in signing ? signing.secret : boundarySecret;
  const [id, body] = [randomUUID(), JSON.stringify({ type: 'announced', timestamp: at.toISOString(), data })];
  const signed = secret !== undefined && { 'webhook-signature': new Webhook(secret).sign(id, at, body) };
  const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)) };
  const service = ['arrange', 'cancel'].includes(data.name) ? 'shipments' : 'payments';
  const url = `http://127.0.0.1:${shop.environment.COMMAND_SERVICE_PORT}/webhooks/${service}`;
  return (await fetch(url, { method: 'POST', headers: { ...headers, ...signed }, body })).status;
}

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
