import { type CloudEvent, isKirokuError } from '@kiroku/core';
import { withFaults } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { DeliveryWorld } from './delivery.test-service.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';

const quickly = { interval: 5, timeout: 15_000 };

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

  test('gets nothing again because the process that delivered was stopped', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    await world.append('order-1', 5);
    const delivery = world.deliver();
    await expect.poll(() => world.receiver.accepted().length, quickly).toBe(5);
    await delivery.stop();
    expect((await world.consumer()).position).toBe(5);
  });

  test('that does not answer is not waited for by a process that stops, and what it was asked counts as no failure', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1, timeoutMs: 60_000 } });
    world.receiver.answer = () => 'hang';
    await world.append('order-1');
    const delivery = world.deliver({ leaseMs: 60_000 });
    await expect.poll(() => world.receiver.received.length, quickly).toBe(1);
    const before = performance.now();
    await delivery.stop();
    expect(performance.now() - before).toBeLessThan(30_000);
    expect(await world.consumer()).toMatchObject({ position: 0, waiting: 0, dead: 0 });
  });

  test('goes to another process when nothing is on its way to it any more, and at once', async () => {
    await using world = await DeliveryWorld.open();
    await using other = await DeliveryWorld.open();
    const receivers: { readonly [consumer: string]: DeliveryWorld['receiver'] } = { a: world.receiver, b: other.receiver };
    for (const [name, receiver] of Object.entries(receivers)) {
      await world.addConsumer(name, { url: receiver.url });
      receiver.answer = () => new Promise((resolve) => setTimeout(() => resolve(204), 100));
    }
    for (let n = 0; n < 200; n += 1) await world.append(`order-${n}`);
    const underWay: (number | undefined)[] = [];
    const release = world.store.release.bind(world.store);
    world.store.release = (lease) => {
      underWay.push(receivers[lease.name]?.underWay);
      return release(lease);
    };
    world.deliver({ instance: 'one' });
    await expect.poll(() => Math.min(world.receiver.underWay, other.receiver.underWay), quickly).toBeGreaterThan(0);
    world.deliver({ instance: 'two' });
    await expect.poll(() => underWay, quickly).toEqual([0]);
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

  test('of whom it cannot be told who delivers is no sound work, until it can be again', async () => {
    await using world = await DeliveryWorld.open();
    let isAway = true;
    const store = withFaults(world.store, ['attend'], () => isAway);
    const delivery = world.deliver({ store, leaseMs: 40 });
    await expect.poll(() => soundnessOf(delivery), quickly).toBe('DatabaseUnavailable');
    isAway = false;
    await expect.poll(() => soundnessOf(delivery), quickly).toBe('sound');
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

function soundnessOf(delivery: WebhookDelivery): string {
  try {
    delivery.requireSound();
    return 'sound';
  } catch (error) {
    return isKirokuError(error) ? error.code : String(error);
  }
}
