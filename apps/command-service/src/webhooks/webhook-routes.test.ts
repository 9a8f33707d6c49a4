import { randomUUID } from 'node:crypto';
import type { JsonObject, StreamName } from '@kiroku/core';
import { createCommandHandler } from '@kiroku/engine';
import { createLogger, Health } from '@kiroku/service';
import { arrangementKey, authorisationKey, cancellationKey, captureKey, refundKey, shop, voidKey } from '@kiroku/shop';
import { InMemoryEventStore } from '@kiroku/testing';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { AnsweredCalls } from '../boundaries/answered-calls.ts';
import { createCommandApp } from '../create-command-app.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const paymentId = randomUUID();

/** The command service in memory, with what it requested of the outside on record. */
async function serve(options: { readonly answered?: AnsweredCalls } = {}) {
  const log = new InMemoryEventStore();
  const health = new Health({ service: 'command-service', instance: 'test' });
  health.ready();
  const logger = createLogger({ service: 'command-service', instance: 'test', level: 'silent', format: 'json' });
  const handle = createCommandHandler({ aggregates: shop.aggregates, eventStore: log });
  const app = await createCommandApp({ logger, health, application: shop, handle, webhookSecret: secret, ...options });
  const post = (url: string, body: string, headers: Record<string, string>) =>
    app.inject({ method: 'POST', url, body, headers: { 'content-type': 'application/json', ...headers } });
  return {
    app,
    post,
    /** What had been requested. */
    record: async (stream: StreamName, ...events: readonly { readonly type: string; readonly data: JsonObject }[]) =>
      void (await log.append({ streams: [{ stream, expectedVersion: 'any', events }] })),
    /** As the simulator announces: signed, with the key as its id. */
    announce: (service: 'payments' | 'shipments', data: { readonly key: string } & JsonObject, at = new Date()) => {
      const body = JSON.stringify({ type: 'announced', timestamp: at.toISOString(), data });
      return post(`/webhooks/${service}`, body, signed(data.key, at, body));
    },
    typesOf: async (stream: StreamName) => (await log.readStream(stream)).map(({ type }) => type),
  };
}

function signed(id: string, at: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': new Webhook(secret).sign(id, at, body) };
}

const requested = (orderId: string) => ({
  type: 'PaymentRequested',
  data: { orderId, amount: { amount: 1_250, currency: 'EUR' }, token: 'visa-1' },
});
const authorised = (orderId: string) => ({
  name: 'authorise',
  key: authorisationKey(orderId),
  outcome: { outcome: 'authorised', paymentId },
});

describe('an announced outcome', () => {
  it('is recorded once, however often it comes, as if the call had been answered', async () => {
    const { record, announce, typesOf } = await serve();
    const orderId = randomUUID();
    await record(`payment-${orderId}`, requested(orderId));
    const answers = await Promise.all([1, 2, 3].map(() => announce('payments', authorised(orderId))));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204]);
    expect(await typesOf(`payment-${orderId}`)).toEqual(['PaymentRequested', 'PaymentAuthorised']);
  });

  it('comes in any order: what is late changes nothing', async () => {
    const { record, announce, typesOf } = await serve();
    const orderId = randomUUID();
    const stream: StreamName = `payment-${orderId}`;
    await record(stream, requested(orderId), { type: 'VoidRequested', data: { orderId } });
    await announce('payments', { name: 'void', key: voidKey(orderId), outcome: { outcome: 'voided', paymentId } });
    await announce('payments', authorised(orderId));
    await announce('payments', { name: 'capture', key: captureKey(orderId), outcome: { outcome: 'captured', paymentId } });
    expect(await typesOf(stream)).toEqual(['PaymentRequested', 'VoidRequested', 'PaymentVoided']);
  });

  it.each([
    [
      'declined',
      [],
      (id: string) => ({ name: 'authorise', key: authorisationKey(id), outcome: { outcome: 'declined', code: 'NoFunds' } }),
      'PaymentDeclined',
    ],
    [
      'captured',
      ['PaymentAuthorised', 'CaptureRequested'],
      (id: string) => ({ name: 'capture', key: captureKey(id), outcome: { outcome: 'captured', paymentId } }),
      'PaymentCaptured',
    ],
    [
      'refunded',
      ['PaymentAuthorised', 'CaptureRequested', 'PaymentCaptured', 'RefundRequested'],
      (id: string) => ({ name: 'refund', key: refundKey(id), outcome: { outcome: 'refunded', paymentId } }),
      'PaymentRefunded',
    ],
  ])('of a payment: %s', async (_, before, outcome, expected) => {
    const { record, announce, typesOf } = await serve();
    const orderId = randomUUID();
    await record(`payment-${orderId}`, requested(orderId), ...before.map((type) => ({ type, data: { orderId, paymentId } })));
    expect((await announce('payments', outcome(orderId))).statusCode).toBe(204);
    expect((await typesOf(`payment-${orderId}`)).at(-1)).toBe(expected);
  });

  it('of a shipment: arranged, and cancelled', async () => {
    const { record, announce, typesOf } = await serve();
    const orderId = randomUUID();
    const stream: StreamName = `shipment-${orderId}`;
    await record(stream, { type: 'ShipmentRequested', data: { orderId, customerId: randomUUID(), pieces: 1 } });
    const outcome = { outcome: 'arranged', shipmentId: randomUUID(), trackingCode: 'KR1' };
    await announce('shipments', { name: 'arrange', key: arrangementKey(orderId), outcome });
    await record(stream, { type: 'ShipmentCancellationRequested', data: { orderId } });
    await announce('shipments', { name: 'cancel', key: cancellationKey(orderId), outcome: { outcome: 'cancelled' } });
    expect((await typesOf(stream)).filter((type) => !type.includes('Requested'))).toEqual(['ShipmentArranged', 'ShipmentCancelled']);
  });

  it('is told from one of the other service that has the same id', async () => {
    const { record, announce, post, typesOf } = await serve();
    const orderId = randomUUID();
    await record(`payment-${orderId}`, requested(orderId));
    await record(`shipment-${orderId}`, { type: 'ShipmentRequested', data: { orderId, customerId: randomUUID(), pieces: 1 } });
    await announce('payments', authorised(orderId));
    const at = new Date();
    const outcome = { outcome: 'arranged', shipmentId: randomUUID(), trackingCode: 'KR1' };
    const data = { name: 'arrange', key: arrangementKey(orderId), outcome };
    const body = JSON.stringify({ type: 'announced', timestamp: at.toISOString(), data });
    const answer = await post('/webhooks/shipments', body, signed(authorisationKey(orderId), at, body));
    expect(answer.statusCode).toBe(204);
    expect(await typesOf(`shipment-${orderId}`)).toEqual(['ShipmentRequested', 'ShipmentArranged']);
  });

  it('of a call that is answered here is left to its answer', async () => {
    const answered = new AnsweredCalls();
    const { record, announce, typesOf } = await serve({ answered });
    const orderId = randomUUID();
    await record(`payment-${orderId}`, requested(orderId));
    await answered.during(authorisationKey(orderId), async () => 'authorised');
    expect((await announce('payments', authorised(orderId))).statusCode).toBe(204);
    expect(await typesOf(`payment-${orderId}`)).toEqual(['PaymentRequested']);
  });

  it('of a call that was not ours, or that was refused, is taken and changes nothing', async () => {
    const { record, announce, typesOf } = await serve();
    const orderId = randomUUID();
    await record(`payment-${orderId}`, requested(orderId), { type: 'VoidRequested', data: { orderId } });
    const others = [
      { name: 'authorise', key: `other:${orderId}`, outcome: { outcome: 'authorised', paymentId } },
      { name: 'void', key: voidKey(orderId), outcome: { outcome: 'declined', code: 'AlreadyCaptured' } },
    ];
    for (const other of others) expect((await announce('payments', other)).statusCode).toBe(204);
    expect(await typesOf(`payment-${orderId}`)).toEqual(['PaymentRequested', 'VoidRequested']);
  });
});

describe('a webhook', () => {
  it('with a wrong signature, another body, no signature, or from long ago is refused', async () => {
    const { announce, post, typesOf, record } = await serve();
    const orderId = randomUUID();
    await record(`payment-${orderId}`, requested(orderId));
    const [at, body] = [new Date(), JSON.stringify({ type: 'announced', data: authorised(orderId) })];
    const headers = signed('a', at, body);
    for (const attempt of [
      post('/webhooks/payments', body, { ...headers, 'webhook-signature': 'v1,AAAA' }),
      post('/webhooks/payments', `${body} `, headers),
      post('/webhooks/payments', body, { ...headers, 'webhook-id': 'b' }),
      post('/webhooks/payments', body, {}),
      announce('payments', authorised(orderId), new Date(Date.now() - 301_000)),
    ]) {
      const answer = await attempt;
      expect(answer.json()).toMatchObject({ status: 401, code: 'SignatureInvalid', retryable: false });
    }
    expect(await typesOf(`payment-${orderId}`)).toEqual(['PaymentRequested']);
  });

  it('without a body is refused as one that is not signed', async () => {
    const { app } = await serve();
    const answer = await app.inject({ method: 'POST', url: '/webhooks/payments', headers: signed('a', new Date(), 'another') });
    expect(answer.json()).toMatchObject({ code: 'SignatureInvalid', detail: expect.stringContaining('No matching signature') });
  });

  it('that is signed and says something else is refused too', async () => {
    const { post } = await serve();
    for (const body of ['{"type":"a","data":{"name":"authorise"}}', '[]', 'no json']) {
      expect((await post('/webhooks/payments', body, signed('a', new Date(), body))).json()).toMatchObject({ code: 'BadRequest' });
    }
  });

  it('is not taken without a secret; commands are, as before', async () => {
    const { app } = await serve();
    expect((await app.inject({ method: 'POST', url: '/commands/CreateCategory', payload: {} })).statusCode).toBe(400);
    const health = new Health({ service: 'command-service', instance: 'test' });
    health.ready();
    const logger = createLogger({ service: 'command-service', instance: 'test', level: 'silent', format: 'json' });
    const handle = createCommandHandler({ aggregates: shop.aggregates, eventStore: new InMemoryEventStore() });
    const without = await createCommandApp({ logger, health, application: shop, handle });
    expect((await without.inject({ method: 'POST', url: '/webhooks/payments', payload: {} })).statusCode).toBe(404);
  });
});
