import { setTimeout as delay } from 'node:timers/promises';
import { type ConsumerStore, KirokuError } from '@kiroku/core';
import { expect, test, vi } from 'vitest';
import { ConsumerDelivery, type ConsumerDeliveryOptions } from './consumer-delivery.ts';
import { DeliveryWorld } from './delivery.test-service.ts';

const quickly = { interval: 5, timeout: 15_000 };

/** One delivery, begun by `run`, that reads the log in pages of a hundred. */
async function delivering(consumer: Parameters<DeliveryWorld['addConsumer']>[1] = {}, options: Partial<ConsumerDeliveryOptions> = {}) {
  const world = await DeliveryWorld.open();
  await world.addConsumer('crm', { ...consumer, terms: { maxAttempts: 1_000_000, timeoutMs: 60_000, ...consumer.terms } });
  const [lease] = await world.store.attend({ instance: 'test', leaseMs: 60_000 });
  if (lease === undefined) throw new Error('A lone process gets every consumer.');
  const ending = new AbortController();
  const asked: number[] = [];
  const [onFault, onAttempt] = [vi.fn(), vi.fn()];
  const readOn: ConsumerDeliveryOptions['next'] = async (after, signal) => {
    asked.push(after);
    await delay(1, undefined, { signal }).catch(() => undefined);
    const page = await world.log.readLog({ after, pageSize: 100 });
    return page.position > after ? { after, ...page } : undefined;
  };
  const delivery = new ConsumerDelivery(lease, {
    eventStore: world.log,
    store: world.store,
    keys: world.keys,
    through: undefined,
    next: readOn,
    readable: async (events) => events,
    retry: { baseMs: 1, capMs: 4 },
    pollMs: 5,
    isHeld: () => true,
    onBegun: () => undefined,
    onAttempt,
    onFault,
    ...options,
  });
  let running: Promise<void> | undefined;
  return {
    world,
    lease,
    asked,
    onFault,
    onAttempt,
    advance: vi.spyOn(world.store, 'advance'),
    run(): Promise<void> {
      running = delivery.run(ending.signal);
      running.catch(() => undefined); // whoever is interested awaits it
      return running;
    },
    end: () => ending.abort(),
    /** Holds back the answers of the receiver until it is called with one. */
    answering(): (status: number) => void {
      let answer = (_status: number): void => undefined;
      const given = new Promise<number>((resolve) => {
        answer = resolve;
      });
      world.receiver.answer = () => given;
      return answer;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      delivery.abandon();
      await running?.catch(() => undefined);
      await world[Symbol.asyncDispose]();
    },
  };
}

const streams = async (world: DeliveryWorld, count: number, name = 'order') => {
  for (let n = 0; n < count; n += 1) await world.append(`${name}-${n}`);
};

/** Of so many streams, each has a message that waits for an hour. */
async function keep({ world, lease }: { world: DeliveryWorld; lease: Parameters<ConsumerStore['advance']>[0]['lease'] }, count: number) {
  const failure = { error: 'It answered 500.', retry: { inMs: 3_600_000 } } as const;
  const kept = Array.from({ length: count }, (_, n) => {
    return { position: n + 1, stream: `order-${n}`, eventId: crypto.randomUUID(), eventType: 'Happened', failure };
  });
  await world.append('order-1', count);
  await world.store.advance({ lease, position: count, kept });
}

test('the log is read no further than a window ahead of what is settled', async () => {
  await using given = await delivering();
  const answer = given.answering();
  await streams(given.world, 310);
  void given.run();
  await expect.poll(() => given.asked.at(-1), quickly).toBe(200);
  await delay(100);
  expect(given.asked).toEqual([0, 100, 200]); // 256 at most
  answer(204);
  await expect.poll(() => given.asked.at(-1), quickly).toBeGreaterThan(200);
});

test.each([
  [999, [1_000]],
  [1_000, []],
])('with %i streams that are tried again, what is read on of the log is %j', async (count, accepted) => {
  await using given = await delivering();
  await keep(given, count);
  const counted = vi.spyOn(given.world.store, 'countBlocked');
  void given.run();
  await expect.poll(() => counted.mock.calls.length, quickly).toBeGreaterThan(2);
  await given.world.append('new-1');
  if (accepted.length === 0) await delay(100);
  await expect.poll(() => given.world.receiver.accepted(), quickly).toEqual(accepted);
});

test('while the consumer is down, and something is tried again, the log is not read on', async () => {
  await using given = await delivering();
  const { receiver } = given.world;
  receiver.answer = () => 503;
  await streams(given.world, 20);
  void given.run();
  await expect.poll(async () => (await given.world.consumer()).waiting, quickly).toBe(20);
  await streams(given.world, 20, 'new');
  const before = receiver.received.length;
  await expect.poll(() => receiver.received.length, quickly).toBeGreaterThan(before + 30);
  expect(receiver.received.filter(({ event }) => Number(event.position) > 20)).toEqual([]);
  receiver.answer = () => 204;
  await expect.poll(() => receiver.accepted().length, quickly).toBe(40);
});

test('a consumer that is down gets what comes next, if nothing is tried again by which it could come back', async () => {
  await using given = await delivering({ terms: { maxAttempts: 1 } });
  const { receiver, store } = given.world;
  receiver.answer = () => 500;
  await streams(given.world, 12);
  void given.run();
  await expect.poll(() => store.deadLetters({ limit: 20 }), quickly).toHaveLength(12);
  receiver.answer = () => 204;
  await given.world.append('new-1');
  await expect.poll(() => receiver.accepted(), quickly).toEqual([13]);
});

test('a position alone is written once a second', async () => {
  await using given = await delivering({ filter: { types: ['Wanted'] } });
  const begun = performance.now();
  void given.run();
  for (let times = 0; times < 8; times += 1) {
    await given.world.append('order-1');
    await delay(60);
  }
  expect(given.advance.mock.calls.length).toBeLessThanOrEqual(Math.floor((performance.now() - begun) / 1_000));
  await expect.poll(async () => (await given.world.consumer()).position, quickly).toBe(8);
});

test('a log that cannot be read for a while is read on after that', async () => {
  let failures = 2;
  const next = vi.fn<ConsumerDeliveryOptions['next']>(async (after) => {
    if (failures-- > 0) throw new KirokuError('DatabaseUnavailable', 'It is away.');
    return after === 0 ? { after, position: 7, events: [] } : undefined;
  });
  await using given = await delivering({}, { next });
  await given.world.append('order-1', 7);
  void given.run();
  await expect.poll(async () => (await given.world.consumer()).position, quickly).toBe(7);
  expect(given.onFault).toHaveBeenCalledTimes(2);
});

test('consumers that want no more are paused once, however many of their answers say so', async () => {
  await using given = await delivering();
  const answer = given.answering();
  const pauseHeld = vi.spyOn(given.world.store, 'pauseHeld');
  await streams(given.world, 4);
  const running = given.run();
  await expect.poll(() => given.world.receiver.underWay, quickly).toBe(4);
  answer(410);
  await expect(running).rejects.toMatchObject({ code: 'LeaseLost' });
  expect(pauseHeld).toHaveBeenCalledOnce();
});

test('what is delivered when it is to end is written', async () => {
  await using given = await delivering();
  const answer = given.answering();
  await streams(given.world, 1);
  const running = given.run();
  await expect.poll(() => given.world.receiver.underWay, quickly).toBe(1);
  given.end();
  answer(204);
  await running;
  expect((await given.world.consumer()).position).toBe(1);
});

test('nothing is written that is delivered when the lease is over', async () => {
  let isHeld = true;
  await using given = await delivering({}, { isHeld: () => isHeld });
  const answer = given.answering();
  await streams(given.world, 1);
  const running = given.run();
  await expect.poll(() => given.world.receiver.underWay, quickly).toBe(1);
  isHeld = false;
  given.end();
  answer(204);
  await running;
  expect(given.advance).not.toHaveBeenCalled();
});

test('a fault that stays ends it when what is on its way has ended, and nothing is written', async () => {
  let [broken, thrown] = [false, false];
  const wrong = new TypeError('wrong');
  await using given = await delivering(
    {},
    {
      next: async (after) => {
        thrown = broken;
        if (broken) throw wrong;
        return after === 0 ? { after, ...(await given.world.log.readLog()) } : undefined;
      },
    },
  );
  const answer = given.answering();
  await streams(given.world, 1);
  const running = given.run();
  await expect.poll(() => given.world.receiver.underWay, quickly).toBe(1);
  broken = true;
  const ended = expect(running).rejects.toBe(wrong);
  await expect.poll(() => thrown, quickly).toBe(true);
  answer(204);
  await ended;
  expect(given.onAttempt.mock.calls).toEqual([['delivered']]);
  expect(given.advance).not.toHaveBeenCalled();
});

test('nothing is begun if it is to end before it has begun', async () => {
  await using given = await delivering();
  await streams(given.world, 1);
  given.end();
  await given.run();
  expect([given.asked, given.world.receiver.received]).toEqual([[], []]);
});
