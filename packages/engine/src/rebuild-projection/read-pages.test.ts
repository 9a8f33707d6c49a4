import type { LogPage, ReadLogOptions, RecordedEvent } from '@kiroku/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPages } from './read-pages.ts';

/** A log of so many events, whose pages end at any of `cuts`, as those that would be too large do; they come in any order. */
function logOf(length: number, cuts: ReadonlySet<number>) {
  const readLog = async ({ after = 0, until = length, pageSize = 1 }: ReadLogOptions): Promise<LogPage> => {
    const last = Math.min(after + pageSize, until, length);
    const cut = [...cuts].filter((each) => each > after && each < last).sort((a, b) => a - b)[0];
    const position = Math.max(after, cut ?? last);
    if (after % 3 === 0) await new Promise(setImmediate);
    const events = Array.from({ length: position - after }, (_, n) => ({ position: after + n + 1 }) as RecordedEvent);
    return { events, position };
  };
  return { readLog };
}

test('pages have each event once, in order, up to the end that is asked for or the log has, wherever they are cut short', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        length: fc.nat(60),
        cuts: fc.uniqueArray(fc.nat(60)),
        after: fc.nat(20),
        until: fc.nat(80),
        pageSize: fc.integer({ min: 1, max: 12 }),
      }),
      async ({ length, cuts, after, until, pageSize }) => {
        const read: number[] = [];
        for await (const page of readPages({ eventStore: logOf(length, new Set(cuts)), types: [], after, until, pageSize }))
          read.push(...page.events.map(({ position }) => position));
        const end = Math.min(until, length);
        expect(read).toEqual(Array.from({ length: Math.max(0, end - after) }, (_, n) => after + n + 1));
      },
    ),
  );
});

test('what a page that is fetched ahead fails with is thrown when its turn comes', async () => {
  const { readLog } = logOf(20, new Set());
  const eventStore = {
    readLog: (options: ReadLogOptions) => (options.after === 10 ? Promise.reject(new Error('gone')) : readLog(options)),
  };
  const positions: number[] = [];
  const reading = (async () => {
    for await (const { position } of readPages({ eventStore, types: [], after: 0, until: 20, pageSize: 5 })) positions.push(position);
  })();
  await expect(reading).rejects.toThrow('gone');
  expect(positions).toEqual([5, 10]);
});
