import type { CloudEvent } from '@kiroku/core';
import { withFaults } from '@kiroku/testing';
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

describe('a consumer', () => {
  test('gets what it has chosen, and its position passes the rest', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('all');
    await world.addConsumer('chosen', { filter: { types: ['Placed', 'Paid'], categories: ['order'], tags: ['vip'] } });
    await world.append('order-1', [
      { type: 'Placed', data: {}, tags: ['eu', 'vip'] },
      { type: 'Placed', data: {} },
    ]);
    await world.append('order-1', [{ type: 'Sent', data: {}, tags: ['vip'] }]);
    await world.append('cart-1', [{ type: 'Placed', data: {}, tags: ['vip'] }]);
    world.deliver();
    await expect.poll(() => world.receiver.received.length, quickly).toBe(5);
    await expect.poll(async () => (await world.consumer('chosen')).position, quickly).toBe(4);
    expect(world.receiver.accepted()).toEqual(expect.arrayContaining([1, 1, 2, 3, 4]));
  });

  test('has the events of a stream one after the other, those of others side by side, no more at once than agreed', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { concurrency: 3 } });
    const busy = new Set<string>();
    world.receiver.answer = async ({ subject }: CloudEvent) => {
      expect(busy.has(subject)).toBe(false);
      busy.add(subject);
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy.delete(subject);
      return 204;
    };
    for (let round = 0; round < 4; round += 1) for (const stream of ['a-1', 'b-1', 'c-1', 'd-1'] as const) await world.append(stream, 2);
    world.deliver();
    await expect.poll(() => world.receiver.received.length, quickly).toBe(32);
    expect(world.receiver.mostUnderWay).toBe(3);
    for (const stream of ['a-1', 'b-1'])
      expect(world.receiver.accepted(stream)).toEqual(world.receiver.accepted(stream).toSorted((a, b) => a - b));
  });

  test('that is down does not slow others down', async () => {
    await using world = await DeliveryWorld.open();
    await using other = await DeliveryWorld.open();
    other.receiver.answer = () => 'hang';
    await world.addConsumer('down', { url: other.receiver.url, terms: { timeoutMs: 60_000 } });
    await world.addConsumer('up');
    await world.append('order-1', 50);
    world.deliver();
    await expect.poll(() => world.receiver.accepted().length, quickly).toBe(50);
    expect(await world.consumer('down')).toMatchObject({ position: 0 });
  });

  test('that is paused gets nothing, and goes on from where it was', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm');
    await world.addConsumer('other');
    await world.store.setPaused('crm', 'maintenance');
    await world.append('order-1', 2);
    world.deliver();
    await expect.poll(async () => (await world.consumer('other')).position, quickly).toBe(2);
    expect(await world.consumer('crm')).toMatchObject({ position: 0, paused: { reason: 'maintenance' } });
    expect(world.receiver.accepted()).toEqual([1, 2]);
    await world.store.setPaused('crm', undefined);
    await expect.poll(() => world.receiver.accepted(), quickly).toEqual([1, 2, 1, 2]);
  });

  test('that is rewound gets again what follows', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    await world.append('order-1', 3);
    world.deliver();
    await expect.poll(async () => (await world.consumer()).position, quickly).toBe(3);
    await world.store.rewind('crm', { position: 1, log: (await world.log.head()).log });
    await expect.poll(() => world.receiver.accepted(), quickly).toEqual([1, 2, 3, 2, 3]);
  });

  test('whose position is of another log is paused, with what to do', async () => {
    await using world = await DeliveryWorld.open();
    const { log } = await world.log.head();
    await world.addConsumer('restored', { log: { ...log, timeline: 2 } });
    await world.addConsumer('ahead', { position: 9 });
    await world.append('order-1');
    world.deliver();
    for (const name of ['restored', 'ahead']) {
      await expect.poll(async () => (await world.consumer(name)).paused?.reason, quickly).toMatch(/kiroku consumer rewind/);
    }
    expect(world.receiver.received).toEqual([]);
  });

  test('that answers 410 is paused with the reason, and gets that message first when it goes on', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    world.receiver.answer = () => 410;
    await world.append('order-1', 2);
    world.deliver();
    await expect.poll(async () => (await world.consumer()).paused?.reason, quickly).toBe('It answered 410 Gone: as the test wants');
    world.receiver.answer = () => 204;
    await world.store.setPaused('crm', undefined);
    await expect.poll(() => world.receiver.accepted(), quickly).toEqual([1, 2]);
  });

  test('that answers 410 is paused later if the store cannot be reached', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    world.receiver.answer = () => 410;
    await world.append('order-1');
    let failed = 0;
    const store = withFaults(world.store, ['pauseHeld'], (_, when) => when === 'before' && failed++ < 2);
    world.deliver({ store });
    await expect.poll(async () => (await world.consumer()).paused?.reason, quickly).toMatch(/410/);
    expect(failed).toBeGreaterThan(2);
  });

  test('to which nothing can be delivered is failing, with the code of the fault, until that is over', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    let isDown = true;
    const eventStore = withFaults(world.log, ['head'], () => isDown);
    world.deliver({ eventStore });
    await expect.poll(async () => (await world.consumer()).failing, quickly).toMatchObject({ code: 'DatabaseUnavailable' });
    isDown = false;
    await expect.poll(async () => (await world.consumer()).failing, quickly).toBeUndefined();
    await world.append('order-1');
    await expect.poll(() => world.receiver.accepted(), quickly).toEqual([1]);
  });

  test('of which nothing can be written is failing too, though all is delivered', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    const store = withFaults(world.store, ['advance'], (_, when) => when === 'before');
    world.deliver({ store });
    await world.append('order-1');
    await expect.poll(async () => (await world.consumer()).failing, quickly).toMatchObject({ code: 'DatabaseUnavailable' });
    expect(world.receiver.accepted()).toEqual([1]);
  });

  test('with a thousand dead letters is paused', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    const [lease] = await world.store.attend({ instance: 'before', leaseMs: 60_000 });
    if (lease === undefined) throw new Error('A lone process gets every consumer.');
    const failure = { error: 'It answered 400.', retry: 'dead' } as const;
    const kept = Array.from({ length: 1_000 }, (_, n) => ({
      position: n + 1,
      stream: `order-${n}`,
      eventId: crypto.randomUUID(),
      eventType: 'Happened',
      failure,
    }));
    await world.append('order-1', 1_000);
    await world.store.advance({ lease, position: 1_000, kept });
    await world.store.leave('before');
    world.deliver();
    await expect
      .poll(async () => (await world.consumer()).paused?.reason, quickly)
      .toMatch(/^1000 dead letters\. See `kiroku consumer dead list crm`/);
  });
});

describe('a message that fails', () => {
  test('holds back its stream, and no other, until it is delivered', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1_000 } });
    let mended = false;
    world.receiver.answer = ({ position }) => (position === '2' && !mended ? 500 : 204);
    await world.append('bad-1', 4);
    await world.append('good-1', 3);
    world.deliver();
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 7, waiting: 3 });
    expect(world.receiver.accepted()).toEqual(expect.arrayContaining([1, 5, 6, 7]));
    expect((await world.consumer()).failing?.error).toBe('It answered 500: as the test wants');
    await world.append('bad-1');
    mended = true;
    await expect.poll(() => world.receiver.accepted('bad-1'), quickly).toEqual([1, 2, 3, 4, 8]);
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 8, waiting: 0 });
  });

  test('too often becomes a dead letter, behind which its stream waits until somebody retries or discards it', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 3 } });
    world.receiver.answer = ({ position }) => (position === '1' || position === '4' ? 400 : 204);
    await world.append('a-1', 3);
    await world.append('b-1', 2);
    world.deliver();
    const dead = async () => (await world.store.deadLetters({ limit: 9 })).toSorted((a, b) => a.position - b.position);
    await expect.poll(dead, quickly).toMatchObject([
      { position: 1, attempts: 3, behind: 2 },
      { position: 4, attempts: 3, behind: 1 },
    ]);
    expect(world.receiver.accepted()).toEqual([]);
    await world.store.discardDead('crm', [1]);
    world.receiver.answer = () => 204;
    await world.store.retryDead('crm', [4]);
    await expect.poll(() => world.receiver.accepted().toSorted(), quickly).toEqual([2, 3, 4, 5]);
  });

  test('for any reason is kept with it: no answer, a broken connection, a redirect', async () => {
    await using world = await DeliveryWorld.open();
    // only who hangs is not waited for: the others may answer as late as they like
    await world.addConsumer('crm', { filter: { categories: ['a'] }, terms: { maxAttempts: 1, timeoutMs: 200 } });
    await world.addConsumer('erp', { filter: { categories: ['b', 'c'] }, terms: { maxAttempts: 1, timeoutMs: 60_000 } });
    const answers = ['hang', 'close', { status: 308, headers: { location: 'https://elsewhere.example/' } }] as const;
    world.receiver.answer = ({ position }) => answers[Number(position) - 1] ?? 204;
    for (const stream of ['a-1', 'b-1', 'c-1'] as const) await world.append(stream);
    world.deliver();
    await expect.poll(() => world.store.deadLetters({ limit: 9 }), quickly).toHaveLength(3);
    const errors = (await world.store.deadLetters({ limit: 9 })).toSorted((a, b) => a.position - b.position).map(({ error }) => error);
    expect(errors).toEqual([
      'It did not answer within 200 ms.',
      expect.stringMatching(/^It cannot be reached \(\w+\)/),
      'It answered 308, a redirect to https://elsewhere.example/, which is not followed. Register the consumer with the new URL.',
    ]);
  });

  test('because the consumer asks for time is no failed attempt, and all messages wait so long', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1, concurrency: 1 } });
    world.receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await world.append('a-1');
    await world.append('b-1');
    world.deliver();
    await expect.poll(async () => (await world.consumer()).failing?.error, quickly).toBe('It answered 429: as the test wants');
    expect(await world.consumer()).toMatchObject({ position: 1, waiting: 1, dead: 0 });
    expect(world.receiver.received).toHaveLength(1);
  });

  test('with all others, because the consumer is down, is tried one at a time, and all at once when it answers again', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1_000, concurrency: 8 } });
    let down = true;
    world.receiver.answer = () => (down ? 503 : 204);
    for (let n = 0; n < 40; n += 1) await world.append(`order-${n}`);
    world.deliver({ retry: { baseMs: 5, capMs: 60_000 } });
    await expect.poll(() => world.receiver.received.length, quickly).toBeGreaterThan(50);
    world.receiver.mostUnderWay = 0;
    const before = world.receiver.received.length;
    await expect.poll(() => world.receiver.received.length, quickly).toBeGreaterThan(before + 5);
    expect(world.receiver.mostUnderWay).toBe(1);
    down = false;
    await expect.poll(() => world.receiver.accepted().length, quickly).toBe(40);
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 40, waiting: 0 });
  });
});
