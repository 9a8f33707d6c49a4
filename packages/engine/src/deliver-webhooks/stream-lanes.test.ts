import { type ConsumerLease, type KeptMessage, KirokuError, type RecordedEvent } from '@kiroku/core';
import { recordedAs } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { DeliveryCourse } from './delivery-course.ts';
import { DeliveryProgress } from './delivery-progress.ts';
import type { PacedPoster, Posted } from './paced-poster.ts';
import { StreamLanes } from './stream-lanes.ts';

const failure = { error: 'no', retry: { inMs: 1 } } as const;

/** Lanes whose posts end when the test says so. */
function delivering() {
  const posts: { readonly position: number; readonly end: (result: Posted | Error) => Promise<void> }[] = [];
  const kept: KeptMessage[] = [];
  const course = new DeliveryCourse({ pollMs: 1, onFault: () => undefined });
  const progress = new DeliveryProgress({
    lease: { name: 'crm' } as ConsumerLease, // of which nothing else is looked at
    store: { settle: async () => [], advance: async (settled) => void kept.push(...settled.kept) },
    position: 0,
    blocked: [],
  });
  const post = ({ position }: RecordedEvent) =>
    new Promise<Posted>((resolve, reject) => {
      const end = async (result: Posted | Error): Promise<void> => {
        if (result instanceof Error) reject(result);
        else resolve(result);
        await new Promise((resume) => setImmediate(resume));
      };
      posts.push({ position, end });
    });
  const lanes = new StreamLanes({ poster: { post } as unknown as PacedPoster, progress, course });
  return {
    course,
    progress,
    kept,
    take: (position: number, account: string) => lanes.take(recordedAs(position, { type: 'Happened', data: { account } })),
    posted: () => posts.map(({ position }) => position),
    end: async (position: number, result: Posted | Error) => posts.find((post) => post.position === position)?.end(result),
  };
}

test('events of a stream are posted one after the other, streams side by side', async () => {
  const { take, posted, end, progress } = delivering();
  take(1, 'a');
  take(2, 'a');
  take(3, 'b');
  expect(posted()).toEqual([1, 3]);
  await end(1, 'delivered');
  expect(posted()).toEqual([1, 3, 2]);
  await end(3, 'delivered');
  await end(2, 'delivered');
  await progress.write();
  expect(progress.open).toBe(0);
});

test('a stream that has come to its end is gone on with when there is more of it', async () => {
  const { take, posted, end } = delivering();
  take(1, 'a');
  await end(1, 'delivered');
  take(2, 'a');
  expect(posted()).toEqual([1, 2]);
});

test('behind one that fails, what is read of its stream is kept, in order, and not posted', async () => {
  const { take, posted, end, progress, kept } = delivering();
  for (const position of [1, 2, 3]) take(position, 'a');
  await end(1, 'delivered');
  await end(2, failure);
  take(4, 'a');
  take(5, 'b');
  await end(5, 'delivered');
  await progress.write();
  expect(posted()).toEqual([1, 2, 5]);
  expect(kept.map(({ position, failure: why }) => [position, why?.error])).toEqual([
    [2, 'no'],
    [3, undefined],
    [4, undefined],
  ]);
});

test('what was broken off stays open, and nothing behind it is posted', async () => {
  const { take, posted, end, progress, course, kept } = delivering();
  take(1, 'a');
  take(2, 'a');
  await end(1, undefined);
  take(3, 'a');
  await course.whenIdle();
  await progress.write();
  expect([posted(), progress.open, kept, course.hasFailed]).toEqual([[1], 3, [], false]);
});

test.each([new TypeError('wrong'), new KirokuError('DatabaseUnavailable', 'It is away.')])(
  'a fault of the posting ends the delivery, also one that passes, since the rest of the stream would stay open: %s',
  async (fault) => {
    const { take, end, course } = delivering();
    take(1, 'a');
    await end(1, fault);
    expect(() => course.requireSound()).toThrow(fault);
  },
);

test.each(['delivered', failure] as const)('whoever waits for a change hears of one that was %o', async (result) => {
  const { take, end, course } = delivering();
  let heard = false;
  take(1, 'a');
  if (result === 'delivered') take(2, 'a'); // the lane does not end
  void course.nextChange().then(() => {
    heard = true;
  });
  await end(1, result);
  expect(heard).toBe(true);
});
