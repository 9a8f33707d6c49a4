import type { ConsumerLease, KeptMessage } from '@kiroku/core';
import { recordedAs } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { DeliveryProgress } from './delivery-progress.ts';

const lease = { name: 'crm' } as ConsumerLease; // of which nothing is looked at
const event = recordedAs(2, { type: 'Happened', data: {} });
const failure = { error: 'no', retry: { inMs: 1 } } as const;

test('a stream that is freed while another message of it is being kept stays blocked: what comes is kept behind that', async () => {
  let answer = (_free: readonly string[]): void => undefined;
  const settle = () =>
    new Promise<readonly string[]>((resolve) => {
      answer = resolve;
    });
  const progress = new DeliveryProgress({ lease, store: { settle, advance: async () => undefined }, position: 1, blocked: [event.stream] });
  progress.add(event);
  const settling = progress.settle({ delivered: [1], failed: [] });
  progress.block(event, failure, []);
  const writing = progress.write();
  await new Promise((resolve) => setTimeout(resolve, 5));
  answer([event.stream]);
  await Promise.all([settling, writing]);
  expect(progress.isBlocked).toBe(true);
});

test('a write that fails is told, and holds up none that follows', async () => {
  let failures = 1;
  const advance = async () => {
    if (failures-- > 0) throw new Error('not now');
  };
  const progress = new DeliveryProgress({ lease, store: { settle: async () => [], advance }, position: 1, blocked: [] });
  progress.add(event);
  progress.delivered(event.position);
  await expect(progress.write()).rejects.toThrow('not now');
  await progress.write();
  expect(progress.open).toBe(0);
});

test('a stream that is freed is delivered as it is read again, whatever is open of others', async () => {
  const store = { settle: async () => ['a-1'], advance: async () => undefined };
  const progress = new DeliveryProgress({ lease, store, position: 1, blocked: ['a-1'] });
  progress.add(recordedAs(2, { type: 'Happened', data: { account: 'other' } }));
  await progress.settle({ delivered: [1], failed: [] });
  expect(progress.isBlocked).toBe(false);
});

test('behind an event that failed all of its stream is kept, and nothing of others but what was kept already', async () => {
  const written: unknown[] = [];
  const advance = async ({ position, kept }: { readonly position: number; readonly kept: readonly KeptMessage[] }) =>
    void written.push([position, kept.map((message) => [message.position, message.failure])]);
  const progress = new DeliveryProgress({ lease, store: { settle: async () => [], advance }, position: 1, blocked: ['account-b'] });
  const of = (position: number, account: string) => recordedAs(position, { type: 'Happened', data: { account } });
  const [first, second, blocked, other] = [of(2, 'a'), of(3, 'a'), of(4, 'b'), of(5, 'c')];
  for (const each of [first, second, blocked, other]) progress.add(each);
  progress.block(first, failure, [second]);
  expect([blocked, other, of(6, 'a')].map((each) => progress.keepBehindOthers(each))).toEqual([true, false, true]);
  expect(await progress.write()).toBe(3);
  expect(written).toEqual([
    [
      4,
      [
        [2, failure],
        [3, undefined],
        [4, undefined],
      ],
    ],
  ]);
  expect(progress.open).toBe(1);
});
