import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { encryptedEventStore } from '../personal-data/encrypted-event-store.ts';
import { newSecret, sealSecret } from './consumer-secret.ts';
import { DeliveryWorld } from './delivery.test-service.ts';

const quickly = { interval: 5, timeout: 15_000 };

describe('a message', () => {
  test('is a Standard Webhook with a CloudEvent in it, from which the receiver learns log, timeline and position', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    const trace = { traceparent: '00-a-b-01', tracestate: 'rojo=1' };
    await world.append('order-1', [{ type: 'OrderPlaced', data: { total: 7 }, tags: ['vip'], metadata: trace }]);
    world.deliver();
    await expect.poll(() => world.receiver.received.length, quickly).toBe(1);
    const [received] = world.receiver.received;
    const [event] = (await world.log.readLog()).events;
    const verified = new Webhook(world.secret).verify(received?.body ?? '', received?.headers as Record<string, string>); // all are given once
    const { log } = await world.log.head();
    expect(verified).toMatchObject({
      specversion: '1.0',
      id: event?.id,
      source: `kiroku:${log.id}`,
      timeline: 1,
      position: '1',
      subject: 'order-1',
      type: 'OrderPlaced',
      data: { total: 7 },
      tags: '["vip"]',
    });
    expect(received?.headers).toMatchObject({ 'webhook-id': event?.id, ...trace });
  });

  test('goes through what its connections were wrapped in', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    await world.append('order-1');
    const seen: string[] = [];
    world.deliver({
      through: (connections) =>
        connections.compose((dispatch) => (options, handler) => {
          seen.push(options.method);
          return dispatch(options, handler);
        }),
    });
    await expect.poll(() => world.receiver.received.length, quickly).toBe(1);
    expect(seen).toEqual(['POST']);
  });

  test('does not say from which address and in which role the command came', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    const metadata = { actor: 'ada', role: 'admins', sourceAddress: '203.0.113.9' };
    await world.append('order-1', [{ type: 'OrderPlaced', data: {}, metadata }]);
    world.deliver();
    await expect.poll(() => world.receiver.received.length, quickly).toBe(1);
    expect(JSON.parse(world.receiver.received[0]?.event.metadata ?? '')).toEqual({ actor: 'ada' });
  });

  test('is signed with the secret before too, while that is still good', async () => {
    await using world = await DeliveryWorld.open();
    const { id, secrets } = await world.addConsumer();
    const current = await sealSecret(world.keys, id, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const until = new Date(Date.now() + 60_000).toISOString();
    await world.store.setSecrets('crm', { current, previous: { secret: secrets.current, until } });
    await world.append('order-1');
    world.deliver();
    await expect.poll(() => world.receiver.received.length, quickly).toBe(1);
    const [received] = world.receiver.received;
    for (const secret of [world.secret, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']) {
      expect(() => new Webhook(secret).verify(received?.body ?? '', received?.headers as Record<string, string>)).not.toThrow();
    }
  });

  test.each([
    ['keeps the secret before', 0],
    ['has the new one at once', 1],
  ])('is taken by a receiver that %s, though the secret is replaced under way', async (_, index) => {
    await using world = await DeliveryWorld.open();
    const { id, secrets } = await world.addConsumer('crm', { terms: { concurrency: 2, maxAttempts: 100 } });
    const known = [world.secret, newSecret()];
    let used = world.secret;
    world.receiver.verify = (body, headers) => void new Webhook(used).verify(body, headers);
    for (let n = 0; n < 60; n += 1) await world.append(`order-${n % 6}`);
    world.deliver();
    await expect.poll(() => world.receiver.accepted().length, quickly).toBeGreaterThan(10);
    const until = new Date(Date.now() + 60_000).toISOString();
    const current = await sealSecret(world.keys, id, known[1] ?? '');
    await world.store.setSecrets('crm', { current, previous: { secret: secrets.current, until } });
    used = known[index] ?? '';
    await expect.poll(() => new Set(world.receiver.accepted()).size, quickly).toBe(60);
    expect(await world.store.deadLetters({ limit: 1 })).toEqual([]);
    // for a moment messages are signed with the one before alone: who does not take that any more gets them again
    if (used === world.secret) expect(world.receiver.received.filter(({ status }) => status === 401)).toEqual([]);
  });

  test('is not signed with a secret any more that was replaced without delay', async () => {
    await using world = await DeliveryWorld.open();
    const { id } = await world.addConsumer();
    world.receiver.verify = (body, headers) => void new Webhook(world.secret).verify(body, headers);
    world.deliver();
    await world.append('order-1');
    await expect.poll(() => world.receiver.accepted(), quickly).toEqual([1]);
    await world.store.setSecrets('crm', { current: await sealSecret(world.keys, id, newSecret()) });
    await expect.poll(async () => (await world.consumer()).owner, quickly).toBeDefined(); // whoever delivers has seen it
    await world.append('order-1');
    await expect.poll(async () => (await world.consumer()).failing?.error, quickly).toMatch(/^It answered 401/);
    expect(world.receiver.accepted()).toEqual([1]);
  });

  test('has personal fields readable only if the consumer was registered so', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('blind');
    await world.addConsumer('seeing', { reveal: true });
    const personal = { subject: () => 'ada', fields: ['email'] };
    const events = { Registered: { schema: undefined as never, personal } }; // nothing is validated here
    const store = encryptedEventStore(world.log, { aggregates: [{ events }], keys: world.keys });
    const registered = { type: 'Registered', data: { email: 'ada@example.org', plan: 'gold' } };
    await store.append({ streams: [{ stream: 'customer-1', expectedVersion: 'any', events: [registered] }] });
    world.deliver();
    await expect.poll(() => world.receiver.received.length, quickly).toBe(2);
    const emails = world.receiver.received.map(({ event }) => event.data.email);
    expect(emails).toContain('ada@example.org');
    expect(emails).toContainEqual(expect.objectContaining({ $personal: 1, subject: 'ada' }));
  });
});
