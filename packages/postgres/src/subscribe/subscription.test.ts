import { KirokuError, type LogPage } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';
import { subscription } from './subscription.ts';

describe('a subscription', () => {
  test('tries again while the database is away, and goes on after its last page', async () => {
    const asked: (number | undefined)[] = [];
    const waits: number[] = [];
    const answers = [page(5), away(), away(), page(5), page(8)];
    const source = {
      reader: {
        readLog: async ({ after }: { after?: number }) => {
          asked.push(after);
          return answers.shift()?.() ?? page(8)();
        },
      },
      listener: { heard: () => 0, next: async (_: number, timeoutMs: number) => void waits.push(timeoutMs) },
    };
    const positions: number[] = [];
    for await (const { position } of subscription(source, {}, new AbortController().signal)) {
      positions.push(position);
      if (position === 8) break;
    }
    expect(positions).toEqual([5, 8]);
    expect(asked).toEqual([0, 5, 5, 5, 5]);
    expect(waits[0]).toBe(50); // it was the end: until something is heard
    expect(waits[2]).toBeGreaterThan((waits[1] ?? 0) / 2);
    expect(waits[3]).toBe(1_000); // nothing new: until something is heard, or a second has passed
  });

  test('reads the next pages while a full one is worked on, and then waits from what was heard before', async () => {
    const asked: (number | undefined)[] = [];
    const waitedFrom: number[] = [];
    let heard = 0;
    const source = {
      reader: {
        readLog: async ({ after = 0 }: { after?: number }) => {
          asked.push(after);
          return page(Math.min(after + 5, 10))();
        },
      },
      listener: {
        heard: () => heard++,
        next: (from: number) => {
          waitedFrom.push(from);
          return new Promise<void>(() => {});
        },
      },
    };
    const pages = subscription(source, { pageSize: 5 }, new AbortController().signal);
    expect([(await pages.next()).value?.position, [...asked]]).toEqual([5, [0, 5, 10]]);
    expect([(await pages.next()).value?.position, [...asked]]).toEqual([10, [0, 5, 10, 15]]);
    heard = 7; // while the page was worked on
    void pages.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(waitedFrom).toEqual([2]);
  });

  test('throws what is wrong with a page that it read ahead in the turn of that page', async () => {
    const answers = [page(5), () => Promise.reject(new KirokuError('SchemaTooOld', 'migrate'))];
    const source = {
      reader: { readLog: async () => answers.shift()?.() ?? page(5)() },
      listener: { heard: () => 0, next: async () => {} },
    };
    const pages = subscription(source, { pageSize: 5 }, new AbortController().signal);
    expect(await pages.next()).toMatchObject({ value: { position: 5 } });
    await expect(pages.next()).rejects.toMatchObject({ code: 'SchemaTooOld' });
  });

  test('throws what is wrong with more than the connection', async () => {
    const source = {
      reader: { readLog: () => Promise.reject(new KirokuError('SchemaTooOld', 'migrate')) },
      listener: { heard: () => 0, next: async () => {} },
    };
    const pages = subscription(source, {}, new AbortController().signal);
    await expect(pages.next()).rejects.toMatchObject({ code: 'SchemaTooOld' });
  });

  test('ends in the middle of a read when its signal fires', async () => {
    const controller = new AbortController();
    const source = {
      reader: { readLog: () => new Promise<LogPage>(() => {}) },
      listener: { heard: () => 0, next: async () => {} },
    };
    const ended = subscription(source, {}, controller.signal).next();
    controller.abort();
    expect(await ended).toEqual({ done: true, value: undefined });
  });
});

test('waits longer after each failure, up to five seconds', () => {
  const waits = [0, 1, 2, 10, 1_000].map((failures) => backoffMs(failures, () => 0));
  expect(waits).toEqual([100, 200, 400, 5_000, 5_000]);
  expect(backoffMs(0, () => 1)).toBe(50);
});

function page(position: number): () => LogPage {
  return () => ({ events: [], position });
}

function away(): () => LogPage {
  return () => {
    throw new KirokuError('DatabaseUnavailable', 'away');
  };
}
