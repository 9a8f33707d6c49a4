import { streamName } from '@kiroku/core';
import { InMemoryEventStore } from '@kiroku/testing';
import { beforeEach, expect, test, vi } from 'vitest';
import { type TailOptions, tailEvents } from './tail-events.ts';

let store: InMemoryEventStore;
beforeEach(() => {
  store = new InMemoryEventStore();
});

const append = (category: string, count: number) =>
  store.append({
    streams: [
      {
        stream: streamName(category, '1'),
        expectedVersion: 'any',
        events: Array.from({ length: count }, () => ({ type: 'Counted', data: {} })),
      },
    ],
  });

async function positions(options: TailOptions): Promise<number[]> {
  const found: number[] = [];
  for await (const { position } of tailEvents(store, options)) found.push(position);
  return found;
}

test('the last events come oldest first', async () => {
  await append('order', 30);
  expect(await positions({ limit: 3 })).toEqual([28, 29, 30]);
});

test('the last events of a category are found however far back they are', async () => {
  await append('rare', 2);
  await append('order', 2_500);
  expect(await positions({ limit: 5, filter: { categories: ['rare'] } })).toEqual([1, 2]);
});

test('the last events of types are read where they are found, unless more is asked of them', async () => {
  await append('rare', 2);
  await append('order', 2_500);
  const asked: object[] = [];
  const findLast = async (wanted: object) => {
    asked.push(wanted);
    return [1, 2_502];
  };
  expect(await positions({ limit: 2, filter: { types: ['Counted'] }, findLast })).toEqual([1, 2_502]);
  expect(await positions({ limit: 2, filter: { types: ['Counted'], categories: ['rare'] }, findLast })).toEqual([1, 2]);
  expect(asked).toEqual([{ types: ['Counted'], until: 2_502, limit: 2 }]);
});

test('the last events of types in categories are read where they are found, unless both have many, or more is asked', async () => {
  await append('rare', 2);
  await append('order', 2_500);
  const filter = { types: ['Counted'], categories: ['rare'] };
  const findLastOfIn = vi.fn<NonNullable<TailOptions['findLastOfIn']>>(async () => [2]);
  expect(await positions({ limit: 1, filter, findLastOfIn })).toEqual([2]);
  expect(findLastOfIn.mock.calls).toEqual([[{ ...filter, until: 2_502, limit: 1 }]]);
  findLastOfIn.mockResolvedValue(undefined);
  expect(await positions({ limit: 2, filter, findLastOfIn })).toEqual([1, 2]);
  findLastOfIn.mockClear();
  expect(await positions({ limit: 2, filter: { ...filter, tags: ['none'] }, findLastOfIn })).toEqual([]);
  expect(findLastOfIn).not.toHaveBeenCalled();
});

test('what lies far back is looked for in few pages', async () => {
  await append('rare', 1);
  for (let batches = 0; batches < 4; batches++) await append('order', 5_000);
  const readLog = vi.spyOn(store, 'readLog');
  expect(await positions({ limit: 1, filter: { categories: ['rare'] } })).toEqual([1]);
  expect(readLog.mock.calls.length).toBeLessThan(10);
});

test('what is not among the last events of a category is read where it is found, if it is rare', async () => {
  await append('rare', 2);
  for (let batches = 0; batches < 12; batches++) await append('order', 5_000);
  await append('rare', 1);
  const findLastIn = vi.fn<NonNullable<TailOptions['findLastIn']>>(async () => [1, 2]);
  const readLog = vi.spyOn(store, 'readLog');
  expect(await positions({ limit: 3, filter: { categories: ['rare'] }, findLastIn })).toEqual([1, 2, 60_003]);
  expect(findLastIn.mock.calls).toEqual([[{ categories: ['rare'], until: expect.any(Number), limit: 2 }]]);
  expect(readLog.mock.calls.length).toBeLessThan(15);
  findLastIn.mockResolvedValue(undefined); // there are many
  expect(await positions({ limit: 3, filter: { categories: ['rare'] }, findLastIn })).toEqual([1, 2, 60_003]);
  findLastIn.mockClear();
  await positions({ limit: 1, filter: { categories: ['rare'] }, findLastIn });
  await positions({ limit: 5, filter: { categories: ['rare'], types: ['Counted'] }, findLastIn });
  expect(findLastIn).not.toHaveBeenCalled();
});

test('from a position on, events come up to the limit', async () => {
  await append('order', 10);
  expect(await positions({ fromPosition: 4, limit: 2 })).toEqual([4, 5]);
});

test('an end is given as a position: the last events before it, or those from a position on', async () => {
  await append('order', 10);
  expect(await positions({ until: 6, limit: 2 })).toEqual([5, 6]);
  expect(await positions({ fromPosition: 4, until: 6 })).toEqual([4, 5, 6]);
  expect(await positions({ until: 99, limit: 1 })).toEqual([10]);
  expect(await positions({ until: 0 })).toEqual([]);
});

test('an empty log has no last events', async () => {
  expect(await positions({})).toEqual([]);
});

test('following goes on with what is appended, each event once, until the signal', async () => {
  await append('order', 2);
  const stop = new AbortController();
  const found: number[] = [];
  for await (const { position } of tailEvents(store, { follow: true, signal: stop.signal })) {
    found.push(position);
    if (position === 2) await append('order', 2);
    if (position === 4) stop.abort();
  }
  expect(found).toEqual([1, 2, 3, 4]);
});
