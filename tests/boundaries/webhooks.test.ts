import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunningSimulator } from './running-simulator.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString('base64')}`;
let simulator: RunningSimulator;
let server: Server;
let url: string;
let received: Received[];
let answers: number[];

beforeEach(async () => {
  simulator = await RunningSimulator.start();
  [received, answers] = [[], []];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver does not listen.');
  url = `http://127.0.0.1:${address.port}/hooks`;
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

async function authorise(idempotencyKey: string = randomUUID()): Promise<string> {
  const body = JSON.stringify({
    orderId: '0193a5b0-7c1e-7000-8000-0000000000aa',
    token: 'visa-1',
    amount: { amount: 100, currency: 'EUR' },
  });
  const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
  const response = await fetch(`${simulator.url}/payments/authorise`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
  return idempotencyKey;
}

const keysReceived = () => received.map(({ body }) => JSON.parse(body).data.key);

describe('a webhook of the simulator', () => {
  test('says what was decided, and is signed', async () => {
    await simulator.behave({ webhooks: { url, secret } });
    const sent = await authorise();
    await expect.poll(() => received.length).toBe(1);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(JSON.parse(body)).toMatchObject({ type: 'payment.authorised', data: { key: sent, outcome: { outcome: 'authorised' } } });
    const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  test('comes twice, with the same id, when duplicates are asked for', async () => {
    await simulator.behave({ webhooks: { url, secret, duplicateShare: 1 } });
    const sent = await authorise();
    await expect.poll(keysReceived).toEqual([sent, sent]);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('overtakes others when a spread is asked for', async () => {
    await simulator.behave({ seed: 3, webhooks: { url, secret, spreadMs: 2_000 } });
    const sent: string[] = [];
    for (let count = 0; count < 12; count += 1) sent.push(await authorise());
    await expect.poll(() => received.length, { timeout: 30_000 }).toBe(12);
    expect(new Set(keysReceived())).toEqual(new Set(sent));
    expect(keysReceived()).not.toEqual(sent);
  });

  test('is repeated until it is taken', async () => {
    answers = [500, 503];
    await simulator.behave({ webhooks: { url, secret } });
    const sent = await authorise();
    await expect.poll(keysReceived, { timeout: 30_000 }).toEqual([sent, sent, sent]);
  });

  test('does not come for a call that was answered before', async () => {
    await simulator.behave({ webhooks: { url, secret } });
    const sent = await authorise();
    await expect.poll(keysReceived).toEqual([sent]); // two that are on their way at once may arrive in any order
    await authorise(sent);
    const last = await authorise();
    await expect.poll(keysReceived).toEqual([sent, last]);
  });
});
