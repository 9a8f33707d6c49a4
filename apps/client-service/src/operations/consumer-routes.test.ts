import { ConsumersClient, OperationsClient } from '@kiroku/client';
import { createApp, createLogger, Health } from '@kiroku/service';
import { shop } from '@kiroku/shop';
import { InMemoryConsumerStore, InMemoryEventStore, InMemoryJobStore, InMemoryKeyStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { operationsApi } from './operations-api.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

/** The API over stores in memory, and its client. */
async function serve() {
  const [store, log, audit] = [new InMemoryConsumerStore(), new InMemoryEventStore(), new InMemoryOperatorAudit()];
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const logger = createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' });
  const app = createApp({ logger, health });
  opened.push(app);
  await app.register(operationsApi, {
    prefix: '/operations',
    stores: { jobs: new InMemoryJobStore(), audit },
    consumers: { application: shop, consumers: store, log, keys: new InMemoryKeyStore(), audit },
  });
  const options = { url: await app.listen({ port: 0, host: '127.0.0.1' }), operator: { name: 'ada', reason: 'ticket 7' } };
  return { store, client: new ConsumersClient(options), operations: new OperationsClient(options) };
}

const crm = { name: 'crm', url: 'https://crm.example/hooks' };

describe('the operations API on consumers', () => {
  it('registers one, and tells its secret this once', async () => {
    const { client } = await serve();
    const order = { ...crm, types: ['OrderConfirmed'], categories: ['order'], tags: ['vip'], reveal: true, terms: { maxAttempts: 3 } };
    const { consumer, secret } = await client.addConsumer({ ...order, from: 'beginning' });
    expect(secret).toMatch(/^whsec_/);
    expect(consumer).toMatchObject({
      ...crm,
      reveal: true,
      filter: { types: ['OrderConfirmed'], categories: ['order'], tags: ['vip'] },
      terms: { maxAttempts: 3, concurrency: 8 },
      position: 0,
      state: 'orphaned',
      lag: { events: 0 },
      createdBy: 'ada',
    });
    const shown = await client.showConsumer('crm');
    expect(shown).toEqual({ consumer, log: consumer.log, head: 0, deadLetters: [] });
    expect(await client.listConsumers()).toEqual([consumer]);
    await expect(client.addConsumer(crm)).rejects.toMatchObject({ code: 'ConsumerExists' });
    await expect(client.addConsumer({ ...crm, name: 'b', types: ['OrderConfirmd'] })).rejects.toThrow(/Did you mean "OrderConfirmed"\?/);
    await expect(client.showConsumer('b')).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('says what registering one would lead to, and registers nothing', async () => {
    const { client } = await serve();
    expect(await client.planConsumer({ ...crm, types: ['OrderConfirmed'], terms: { concurrency: 2 } })).toMatchObject({
      ...crm,
      filter: { types: ['OrderConfirmed'] },
      terms: { concurrency: 2, maxAttempts: 50 },
      position: 0,
      head: 0,
    });
    expect(await client.listConsumers()).toEqual([]);
    await client.addConsumer(crm);
    await expect(client.planConsumer(crm)).rejects.toMatchObject({ code: 'ConsumerExists' });
  });

  it('steers it, and the audit log says who did', async () => {
    const { client, operations } = await serve();
    const { secret } = await client.addConsumer(crm);
    expect(await client.pauseConsumer('crm', true)).toMatchObject({ state: 'paused', paused: { reason: 'ticket 7' } });
    expect(await client.pauseConsumer('crm', false)).toMatchObject({ state: 'orphaned' });
    expect(await client.rewindConsumer('crm', 0)).toMatchObject({ position: 0 });
    const rotated = await client.rotateSecret('crm', 2);
    expect(rotated).toMatchObject({ name: 'crm', previousUntil: expect.any(String) });
    expect(rotated.secret).not.toBe(secret);
    expect(await client.removeConsumer('crm')).toMatchObject(crm);
    expect((await operations.listActions({ limit: 9 })).map(({ verb, operator }) => [verb, operator])).toEqual([
      ['consumer remove', 'ada'],
      ['consumer rotate-secret', 'ada'],
      ['consumer rewind', 'ada'],
      ['consumer resume', 'ada'],
      ['consumer pause', 'ada'],
      ['consumer add', 'ada'],
    ]);
  });

  it('lists and settles dead letters', async () => {
    const { client, store } = await serve();
    await client.addConsumer(crm);
    const [lease] = await store.attend({ instance: 'x', leaseMs: 60_000 });
    if (lease === undefined) throw new Error('A lone process gets every consumer.');
    const failure = { error: 'It answered 400.', retry: 'dead' } as const;
    const kept = [1, 2].map((position) => ({
      position,
      stream: `order-${position}`,
      eventId: crypto.randomUUID(),
      eventType: 'OrderPlaced',
      failure,
    }));
    await store.advance({ lease, position: 2, kept });
    const letters = await client.listDeadLetters({ limit: 9 });
    expect(letters).toMatchObject([{ consumer: 'crm', position: 1, error: 'It answered 400.', attempts: 1, behind: 0 }, { position: 2 }]);
    const after = `${letters[0]?.diedAt},1,crm`;
    expect(await client.listDeadLetters({ after, limit: 9 })).toEqual(letters.slice(1));
    await expect(client.listDeadLetters({ after: '1', limit: 9 })).rejects.toMatchObject({ code: 'BadRequest' });
    expect(await client.settleDeadLetters({ name: 'crm', verb: 'retry', positions: [1] })).toEqual(letters.slice(0, 1));
    expect(await client.settleDeadLetters({ name: 'crm', verb: 'discard', positions: 'all' })).toEqual(letters.slice(1));
    expect(await client.listDeadLetters({ consumer: 'crm', limit: 9 })).toEqual([]);
  });
});
