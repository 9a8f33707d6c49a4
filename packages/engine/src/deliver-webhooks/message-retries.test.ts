import { type ConsumerLease, type DueMessage, KirokuError, type RecordedEvent, type SettledMessages } from '@kiroku/core';
import { recordedAs } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { Alarm } from '../backoff/alarm.ts';
import { DeliveryCourse } from './delivery-course.ts';
import type { DeliveryProgress } from './delivery-progress.ts';
import { MessageRetries } from './message-retries.ts';
import type { PacedPoster, Posted } from './paced-poster.ts';

const failure = { error: 'no', retry: { inMs: 1 } } as const;
const due = (position: number, stream: string) => ({ position, stream, attempts: 1, failingForMs: 1 }) as DueMessage; // a stream has any name here

/** What is kept of a consumer, message by message; posts end when the test says so. */
function retrying(kept: { readonly retried: number; dead: number; messages: readonly (readonly DueMessage[])[] }) {
  const posted: { readonly position: number; readonly answer: (result: Posted) => void }[] = [];
  const settled: SettledMessages[] = [];
  const progress = { isBlocked: true, settle: async (messages: SettledMessages) => void settled.push(messages) };
  const course = new DeliveryCourse({ pollMs: 1, onFault: () => undefined });
  const alarm = new Alarm();
  const onTooManyDead = vi.fn(async () => undefined);
  const post = (event: RecordedEvent) =>
    new Promise<Posted>((answer) => {
      posted.push({ position: event.position, answer });
    });
  const retries = new MessageRetries({
    lease: { terms: { concurrency: 2 } } as ConsumerLease, // of which nothing else is looked at
    store: {
      countBlocked: async () => ({ retried: kept.retried, dead: kept.dead }),
      due: async ({ limit }) => kept.messages.slice(0, limit),
    },
    eventStore: {
      readLog: async ({ until = 0 } = {}) => ({ events: [recordedAs(until, { type: 'Happened', data: {} })], position: until }),
    },
    poster: { post } as unknown as PacedPoster,
    progress: progress as unknown as DeliveryProgress,
    course,
    pollMs: 1,
    alarm,
    onTooManyDead,
  });
  const running = retries.run();
  return {
    retries,
    posted,
    settled,
    progress,
    onTooManyDead,
    async [Symbol.asyncDispose]() {
      course.end();
      alarm.ring();
      await running;
      for (const { answer } of posted) answer(undefined);
      await course.whenIdle();
    },
  };
}

const positions = (posted: readonly { readonly position: number }[]) => posted.map(({ position }) => position);

test('as many streams as agreed are tried at a time, each by one, and others when there is room', async () => {
  const messages = [[due(1, 'a')], [due(2, 'b')], [due(3, 'c')], [due(4, 'd')]];
  await using given = retrying({ retried: 4, dead: 0, messages });
  await expect.poll(() => positions(given.posted)).toEqual([1, 2]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(positions(given.posted)).toEqual([1, 2]);
  messages.splice(0, 1);
  given.posted[0]?.answer('delivered');
  await expect.poll(() => positions(given.posted)).toEqual([1, 2, 3]);
});

test('those of a stream are tried in order until one fails, and what came of them is settled', async () => {
  const kept = { retried: 1, dead: 0, messages: [[due(1, 'a'), due(2, 'a'), due(3, 'a')]] };
  await using given = retrying(kept);
  await expect.poll(() => positions(given.posted)).toEqual([1]);
  kept.messages = [];
  given.posted[0]?.answer('delivered');
  await expect.poll(() => positions(given.posted)).toEqual([1, 2]);
  given.posted[1]?.answer(failure);
  await expect.poll(() => given.settled).toEqual([{ delivered: [1], failed: [{ position: 2, failure }] }]);
  expect(given.posted).toHaveLength(2);
});

test.each([
  ['delivered', { delivered: [1], failed: [] }],
  [failure, { delivered: [], failed: [{ position: 1, failure }] }],
] as const)('one that was %o is settled alone', async (answer, settled) => {
  const kept = { retried: 1, dead: 0, messages: [[due(1, 'a')]] };
  await using given = retrying(kept);
  await expect.poll(() => positions(given.posted)).toEqual([1]);
  kept.messages = [];
  given.posted[0]?.answer(answer);
  await expect.poll(() => given.settled).toEqual([settled]);
});

test('a look that fails, because the database is away, is followed by another', async () => {
  let away = 3; // times
  const kept = {
    get retried() {
      if (away-- > 0) throw new KirokuError('DatabaseUnavailable', 'not now');
      return 1;
    },
    dead: 0,
    messages: [[due(1, 'a')]],
  };
  await using given = retrying(kept);
  await expect.poll(() => positions(given.posted)).toEqual([1]);
});

test('what the end of the delivery has broken off is neither delivered nor failed', async () => {
  const kept = { retried: 1, dead: 0, messages: [[due(1, 'a'), due(2, 'a')]] };
  await using given = retrying(kept);
  await expect.poll(() => positions(given.posted)).toEqual([1]);
  kept.messages = [];
  given.posted[0]?.answer(undefined);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([given.settled, given.posted.length]).toEqual([[], 1]);
});

test('with a thousand dead letters nothing is tried any more', async () => {
  const kept = { retried: 1, dead: 999, messages: [[due(1, 'a')]] };
  await using given = retrying(kept);
  await expect.poll(() => positions(given.posted)).toEqual([1]);
  expect(given.onTooManyDead).not.toHaveBeenCalled();
  kept.dead = 1_000;
  await expect.poll(() => given.onTooManyDead.mock.calls[0]).toEqual([1_000]);
  expect(given.posted).toHaveLength(1);
});

test('streams are counted as long as there are any: nobody waits for those that were', async () => {
  await using given = retrying({ retried: 1_000, dead: 0, messages: [] });
  await expect.poll(() => given.retries.streams).toBe(1_000);
  given.progress.isBlocked = false;
  await expect.poll(() => given.retries.streams).toBe(0);
});
