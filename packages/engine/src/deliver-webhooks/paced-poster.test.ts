import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryTerms } from '@kiroku/core';
import { recordedAs } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { DeliveryWorld } from './delivery.test-service.ts';
import { PacedPoster, type PacedPosterOptions } from './paced-poster.ts';
import type { Answer } from './receiver.test-service.ts';

const never = { attempts: 0, failingForMs: 0 };

/** Posts to a receiver; answers are given in turn, and 204 after that. */
async function posting(terms: Partial<DeliveryTerms> = {}, options: Partial<PacedPosterOptions> = {}) {
  const world = await DeliveryWorld.open();
  await world.addConsumer('crm', { terms: { concurrency: 3, ...terms } });
  const [lease] = await world.store.attend({ instance: 'test', leaseMs: 60_000 });
  if (lease === undefined) throw new Error('A lone process gets every consumer.');
  const told = { onAttempt: vi.fn(), onLapsed: vi.fn(), onGone: vi.fn(async () => undefined), onRecovered: vi.fn() };
  const poster = new PacedPoster({
    lease,
    keys: world.keys,
    readable: async (events) => events,
    retry: { baseMs: 1, capMs: 1 },
    isHeld: () => true,
    ...told,
    ...options,
  });
  const { receiver } = world;
  let position = 0;
  const post = (before = never) => poster.post(recordedAs(++position, { type: 'Happened', data: {} }), before);
  return {
    ...told,
    poster,
    receiver,
    post,
    async answered(answer: Answer, times: number): Promise<void> {
      receiver.answer = () => answer;
      for (let time = 0; time < times; time += 1) await post();
    },
    /** So many at once, answered once as many as expected are there. Returns how many the receiver had at most. */
    async atOnce(count: number, answer: Answer, expected: number): Promise<number> {
      receiver.mostUnderWay = 0;
      const patience = performance.now() + 5_000;
      receiver.answer = async () => {
        do await delay(5);
        while (receiver.mostUnderWay < expected && performance.now() < patience);
        return answer;
      };
      await Promise.all(Array.from({ length: count }, () => post()));
      return receiver.mostUnderWay;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      poster.abandon();
      await poster.stop();
      await world[Symbol.asyncDispose]();
    },
  };
}

test('nothing is posted under a lease that may be over, and the delivery is told', async () => {
  await using given = await posting({}, { isHeld: () => false });
  expect(await given.post()).toBeUndefined();
  expect(given.onLapsed).toHaveBeenCalledOnce();
  expect(given.receiver.received).toEqual([]);
});

test('under a lease that holds, no more is posted at once than agreed', async () => {
  await using given = await posting();
  expect(await given.atOnce(9, 204, 3)).toBe(3);
  expect(given.onLapsed).not.toHaveBeenCalled();
});

test('many at once are no leak to warn of', async () => {
  await using given = await posting({ concurrency: 16 });
  const warned = vi.fn();
  process.on('warning', warned);
  expect(await given.atOnce(16, 204, 16)).toBe(16);
  process.off('warning', warned);
  expect(warned).not.toHaveBeenCalled();
});

describe('what becomes of a message', () => {
  test('is told: it is delivered', async () => {
    await using given = await posting();
    expect(await given.post()).toBe('delivered');
    expect(given.onAttempt.mock.calls).toEqual([['delivered']]);
  });

  test('is told: it has failed, and is tried again until that was too often', async () => {
    await using given = await posting({ maxAttempts: 3 });
    given.receiver.answer = () => 500;
    const error = 'It answered 500: as the test wants';
    expect(await given.post({ ...never, attempts: 1 })).toEqual({ error, retry: { inMs: expect.any(Number) } });
    expect(await given.post({ ...never, attempts: 2 })).toEqual({ error, retry: 'dead' });
    expect(given.onAttempt.mock.calls).toEqual([['failed'], ['failed']]);
  });

  test('is open when the consumer wants no more; that is told before', async () => {
    let noted = false;
    const onGone = vi.fn(async () => {
      await delay(30);
      noted = true;
    });
    await using given = await posting({}, { onGone });
    given.receiver.answer = () => 410;
    expect([await given.post(), noted]).toEqual([undefined, true]);
    expect(onGone).toHaveBeenCalledExactlyOnceWith('It answered 410 Gone: as the test wants');
    expect(given.onAttempt.mock.calls).toEqual([['gone']]);
  });
});

describe('a consumer', () => {
  test('is down after ten failures in a row, and gets one message at a time until it takes one', async () => {
    await using given = await posting();
    await given.answered(500, 9);
    expect(given.poster.isDown).toBe(false);
    await given.answered(500, 1);
    expect(given.poster.isDown).toBe(true);
    expect(await given.atOnce(4, 503, 1)).toBe(1);
    expect(given.onRecovered).not.toHaveBeenCalled();
    await given.answered(204, 2);
    expect(given.poster.isDown).toBe(false);
    expect(given.onRecovered).toHaveBeenCalledOnce();
    expect(await given.atOnce(9, 204, 3)).toBe(3);
  });

  test('is not down that takes a message now and then', async () => {
    await using given = await posting();
    await given.answered(500, 9);
    await given.answered(204, 1);
    await given.answered(500, 9);
    expect(given.poster.isDown).toBe(false);
    await given.answered(204, 1);
    expect(given.onRecovered).not.toHaveBeenCalled();
    expect(await given.atOnce(9, 204, 3)).toBe(3);
  });

  test('that wants no more has neither taken a message nor failed', async () => {
    await using given = await posting();
    await given.answered(500, 9);
    await given.answered(410, 1);
    expect(given.poster.isDown).toBe(false);
    await given.answered(500, 1);
    expect(given.poster.isDown).toBe(true);
  });

  test('that wants to be left alone is, also if it has failed before without a word', async () => {
    await using given = await posting();
    await given.answered(500, 1);
    given.receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    expect(await given.post()).toMatchObject({ retry: { inMs: 3_600_000 } });
    const next = given.post();
    await delay(30);
    expect(given.receiver.received).toHaveLength(2);
    given.poster.close();
    expect(await next).toBeUndefined();
  });
});

describe('what is on its way', () => {
  test('ends when nothing more is begun', async () => {
    await using given = await posting({ concurrency: 1 });
    let answer = () => {};
    given.receiver.answer = () => new Promise((resolve) => (answer = () => resolve(204)));
    const [first, second] = [given.post(), given.post()];
    await expect.poll(() => given.receiver.underWay).toBe(1);
    given.poster.close();
    answer();
    expect(await Promise.all([first, second])).toEqual(['delivered', undefined]);
    expect(given.receiver.received).toHaveLength(1);
  });

  test('is broken off, with nothing begun after it, and counts as no attempt', async () => {
    await using given = await posting({ concurrency: 1 });
    given.receiver.answer = () => 'hang';
    const [first, second] = [given.post(), given.post()];
    await expect.poll(() => given.receiver.received.length).toBe(1);
    given.poster.abandon();
    expect(await Promise.all([first, second, given.post()])).toEqual([undefined, undefined, undefined]);
    expect(given.receiver.received).toHaveLength(1);
    expect(given.onAttempt).not.toHaveBeenCalled();
  });
});
