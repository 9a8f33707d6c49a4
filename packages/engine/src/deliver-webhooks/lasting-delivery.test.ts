import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerStore } from '@kiroku/core';
import { withFaults } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { DeliveryWorld } from './delivery.test-service.ts';
import { LastingDelivery, type LastingDeliveryOptions } from './lasting-delivery.ts';

const quickly = { interval: 5, timeout: 15_000 };

/** A delivery to a consumer of which there is nothing to deliver yet, over a store that may fail. */
async function lasting({
  overStore = (store) => store,
  ...options
}: Partial<LastingDeliveryOptions> & { overStore?: (store: ConsumerStore) => ConsumerStore } = {}) {
  const world = await DeliveryWorld.open();
  await world.addConsumer('crm', { terms: { timeoutMs: 60_000 } });
  const [lease] = await world.store.attend({ instance: 'test', leaseMs: 60_000 });
  if (lease === undefined) throw new Error('A lone process gets every consumer.');
  const told = { onFault: vi.fn(), onLost: vi.fn(), onAttempt: vi.fn() };
  const delivery = new LastingDelivery(lease, {
    eventStore: world.log,
    store: overStore(world.store),
    keys: world.keys,
    through: undefined,
    next: async (after, signal) => {
      await delay(1, undefined, { signal }).catch(() => undefined);
      const page = await world.log.readLog({ after });
      return page.position > after ? { after, ...page } : undefined;
    },
    readable: async (events) => events,
    retry: { baseMs: 1, capMs: 1 },
    pollMs: 5,
    quietMs: 10,
    isHeld: () => true,
    ...told,
    ...options,
  });
  return {
    ...told,
    world,
    delivery,
    async [Symbol.asyncDispose](): Promise<void> {
      delivery.abandon();
      await delivery.ended;
      await world[Symbol.asyncDispose]();
    },
  };
}

test('a fault is told, and the delivery begins again, later each time', async () => {
  const luck = vi.spyOn(Math, 'random').mockReturnValue(1); // it waits as long as it may
  const begun: number[] = [];
  const fails = (_: string, when: string) => when === 'before' && begun.push(performance.now()) < 3;
  await using given = await lasting({ overStore: (store) => withFaults(store, ['resume'], fails) });
  await expect.poll(() => begun.length, quickly).toBe(3);
  luck.mockRestore();
  const waits = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
  expect(waits.map((ms, index) => ms > 190 * 2 ** index)).toEqual([true, true]);
  expect(given.onFault.mock.calls.map(([error]) => error.code)).toEqual(Array(2).fill('DatabaseUnavailable'));
  expect(given.onLost).not.toHaveBeenCalled();
});

test('a fault that passes without an end is told too, and forgotten once it goes on for a while', async () => {
  let failures = 2;
  const noted: unknown[] = [];
  const overStore = (store: ConsumerStore) => {
    const noteFault = store.noteFault.bind(store);
    store.noteFault = (lease, fault) => {
      noted.push(fault?.code);
      return noteFault(lease, fault);
    };
    return withFaults(store, ['advance'], () => failures-- > 0);
  };
  await using given = await lasting({ overStore });
  await given.world.append('order-1');
  await expect.poll(async () => (await given.world.consumer()).position, quickly).toBe(1);
  await expect.poll(() => noted.at(-1), quickly).toBeUndefined();
  expect(noted[0]).toBe('DatabaseUnavailable');
  expect(given.onFault).toHaveBeenCalledTimes(2);
  expect(given.world.receiver.accepted()).toEqual([1]);
});

test('a consumer that is another process’s now is told of, and is no fault', async () => {
  await using given = await lasting();
  await given.world.append('order-1');
  await expect.poll(() => given.world.receiver.accepted(), quickly).toEqual([1]);
  await given.world.store.setPaused('crm', 'maintenance');
  await given.world.append('order-1');
  await given.delivery.ended;
  expect([given.onLost.mock.calls.length, given.onFault.mock.calls.length]).toEqual([1, 0]);
});

test('what is on its way is let end when it is stopped, and broken off when it is abandoned', async () => {
  for (const [how, position] of [
    ['stop', 1],
    ['abandon', 0],
  ] as const) {
    await using given = await lasting();
    let answer = () => {};
    given.world.receiver.answer = () => new Promise((resolve) => (answer = () => resolve(204)));
    await given.world.append('order-1');
    await expect.poll(() => given.world.receiver.underWay, quickly).toBe(1);
    void given.delivery[how]();
    if (how === 'stop') answer();
    await given.delivery.ended;
    answer();
    expect([how, (await given.world.consumer()).position]).toEqual([how, position]);
  }
});

test('it does not begin again once it is stopped', async () => {
  await using given = await lasting({ overStore: (store) => withFaults(store, ['resume'], () => true) });
  await expect.poll(() => given.onFault.mock.calls.length, quickly).toBeGreaterThan(0);
  const told = given.onFault.mock.calls.length;
  await given.delivery.stop();
  await delay(50);
  expect(given.onFault.mock.calls.length).toBe(told);
});
