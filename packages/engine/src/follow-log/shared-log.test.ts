import { type EventStore, KirokuError } from '@kiroku/core';
import { InMemoryEventStore } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { SharedLog, type SharedLogOptions } from './shared-log.ts';

const away = new KirokuError('DatabaseUnavailable', 'It is away.');

/** A log of so many events, read in pages of two at its end and of ten behind that. */
async function logOf(count: number, options: Partial<Pick<SharedLogOptions, 'eventTypes' | 'retry'>> = {}) {
  const store = new InMemoryEventStore();
  const append = async (events: number, type = 'Happened') => {
    const appended = Array.from({ length: events }, () => ({ type, data: {} }));
    await store.append({ streams: [{ stream: 'a-1', expectedVersion: 'any', events: appended }] });
  };
  await append(count);
  const reads: number[] = [];
  let foundEnd = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    foundEnd = resolve;
  });
  const nothing: Promise<void>[] = [];
  const readings = { begun: 0, ended: 0 };
  const faults = { read: 0, subscribe: 0, page: 0 };
  const eventStore: EventStore = Object.assign(Object.create(store) as EventStore, {
    head: () => store.head().finally(foundEnd),
    readLog: (options: Parameters<EventStore['readLog']>[0]) => {
      const after = options?.after ?? 0;
      reads.push(after);
      const found = nothing.shift();
      if (found !== undefined) return found.then(() => ({ events: [], position: after }));
      return faults.read-- > 0 ? Promise.reject(away) : store.readLog(options);
    },
    async *subscribe(options: Parameters<EventStore['subscribe']>[0]) {
      if (faults.subscribe-- > 0) throw away;
      readings.begun += 1;
      for await (const page of store.subscribe(options)) {
        if (faults.page-- > 0) throw away;
        yield page;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
      readings.ended += 1;
    },
  });
  const log = new SharedLog({ eventStore, pageSize: 2, retry: { baseMs: 1, capMs: 1 }, ...options });
  const never = new AbortController().signal;
  return {
    log,
    reads,
    readings,
    faults,
    /** Reads that, after a while, find nothing: of a log that was set back. */
    nothing,
    append,
    begin: async () => {
      log.start();
      await end;
      await new Promise((resolve) => setImmediate(resolve)); // it knows the end
    },
    next: async (after: number, signal = never) => {
      const slice = await log.next(after, signal);
      return slice && { after: slice.after, position: slice.position, events: slice.events.map(({ position }) => position) };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await log.stop();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe('those who are behind', () => {
  test('read pages with common boundaries, each once for all of them, and the next meanwhile', async () => {
    await using given = await logOf(25);
    await given.begin();
    const [first, same] = await Promise.all([given.next(0), given.next(0)]);
    expect(first).toEqual({ after: 0, position: 10, events: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    expect(same).toEqual(first);
    expect(await given.next(7)).toEqual({ after: 7, position: 10, events: [8, 9, 10] });
    expect((await given.next(10))?.events).toHaveLength(10);
    expect(given.reads.toSorted((a, b) => a - b)).toEqual([0, 7, 10, 20]);
  });

  test('are told of a read that failed, which the next does not remember', async () => {
    await using given = await logOf(5);
    await given.begin();
    given.faults.read = 1;
    await expect(given.next(0)).rejects.toBe(away);
    expect((await given.next(0))?.events).toEqual([1, 2, 3, 4, 5]);
  });

  test('get what has come since they asked last', async () => {
    await using given = await logOf(3);
    await given.begin();
    expect(await given.next(0)).toMatchObject({ position: 3 });
    await given.append(2);
    await expect.poll(async () => (await given.next(0))?.position).toBe(5);
  });

  test('get what there is also if they asked before it was begun', async () => {
    await using given = await logOf(3);
    const waiting = given.next(0);
    await given.begin();
    expect(await waiting).toEqual({ after: 0, position: 3, events: [1, 2, 3] });
  });

  test('by more than is kept of what came last read it', async () => {
    await using given = await logOf(3);
    await given.begin();
    await given.append(132); // 66 full pages
    await expect.poll(async () => (await given.next(133))?.position).toBe(135);
    expect(given.reads).toEqual([]);
    expect(await given.next(3)).toEqual({ after: 3, position: 10, events: [4, 5, 6, 7, 8, 9, 10] });
    expect(given.reads).toContain(3);
  });
});

describe('at the end', () => {
  test('everybody gets what comes, once, from where each is', async () => {
    await using given = await logOf(3);
    await given.begin();
    const waiting = [given.next(3), given.next(3)];
    await given.append(1);
    expect(await Promise.all(waiting)).toEqual(Array(2).fill({ after: 3, position: 4, events: [4] }));
    expect(given.reads).toEqual([]);
    await given.append(1);
    expect(await given.next(4)).toEqual({ after: 4, position: 5, events: [5] });
    const both = await given.next(3);
    expect(both?.events[0]).toBe(4);
  });

  test('what comes within a moment is passed on together, after a page that was not full', async () => {
    await using given = await logOf(1);
    await given.begin();
    let head = 1;
    const together = async () => {
      await given.append(1);
      await expect.poll(async () => (await given.next(head))?.position).toBe(head + 1);
      const next = given.next(head + 1);
      for (const _event of ['first', 'second']) {
        await given.append(1);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      head += 3;
      return (await next)?.events.length;
    };
    await expect.poll(together, { interval: 30 }).toBe(2); // on a busy machine the moment may be over
  });

  test('full pages are passed on one right after the other', async () => {
    await using given = await logOf(1);
    await given.begin();
    await given.append(400);
    const begun = performance.now();
    expect((await given.next(400))?.position).toBe(401);
    expect(performance.now() - begun).toBeLessThan(3_000); // with a pause after each: 4 s
  });

  test('who is in the middle of a page gets the rest of it, and nobody more at once than a page', async () => {
    await using given = await logOf(3);
    await given.begin();
    const waiting = given.next(3);
    await given.append(2);
    expect(await waiting).toEqual({ after: 3, position: 5, events: [4, 5] });
    expect(await given.next(4)).toEqual({ after: 4, position: 5, events: [5] });
    await given.append(2);
    expect((await given.next(5))?.position).toBe(7);
    expect(await given.next(3)).toEqual({ after: 3, position: 5, events: [4, 5] });
    expect(given.reads).toEqual([]);
  });

  test('what came while the log could not be read is passed over by nobody', async () => {
    await using given = await logOf(3);
    await given.begin();
    const waiting = given.next(3);
    await given.append(1);
    expect((await waiting)?.events).toEqual([4]);
    given.faults.page = 1;
    await given.append(1);
    await expect.poll(() => given.faults.page).toBe(0);
    await given.append(1);
    await expect.poll(async () => (await given.next(5).catch(() => undefined))?.position).toBe(6);
    expect((await given.next(3))?.events).toEqual([4, 5, 6]);
  });

  test('events that nobody wants are passed over', async () => {
    await using given = await logOf(1, { eventTypes: ['Wanted'] });
    await given.begin();
    const next = given.next(1);
    await given.append(1, 'Other');
    await given.append(1, 'Wanted');
    const seen = [await next];
    while ((seen.at(-1)?.position ?? 0) < 3) seen.push(await given.next(seen.at(-1)?.position ?? 0));
    expect(seen.flatMap((slice) => slice?.events)).toEqual([3]);
    expect((await given.next(0))?.events).toEqual([3]);
  });

  test('whoever waits is told of a fault, and of what comes once it is over', async () => {
    await using given = await logOf(1);
    given.faults.subscribe = 2;
    const waiting = given.next(1);
    given.log.start();
    await expect(waiting).rejects.toBe(away);
    await given.append(1);
    await expect.poll(() => given.next(1).catch(() => undefined)).toMatchObject({ position: 2, events: [2] });
  });

  test('the longer it cannot be read, the longer it waits before it tries again', async () => {
    await using given = await logOf(1, { retry: { baseMs: 20, capMs: 3_600_000 } });
    const chance = vi.spyOn(Math, 'random').mockReturnValue(1);
    given.faults.subscribe = 4;
    const begun = performance.now();
    await given.begin();
    await expect.poll(() => given.readings.begun, { interval: 5 }).toBe(1);
    expect(performance.now() - begun).toBeGreaterThan(20 + 40 + 80 + 160 - 5);
    chance.mockRestore();
  });

  test('a fault after it was read again is waited for as if it were the first', async () => {
    await using given = await logOf(1, { retry: { baseMs: 50, capMs: 3_600_000 } });
    const chance = vi.spyOn(Math, 'random').mockReturnValue(1); // the waits are as long as they may be
    await given.begin();
    for (let position = 1; position < 21; position += 2) {
      given.faults.page = 1;
      const told = given.next(position);
      await given.append(1);
      await expect(told).rejects.toBe(away);
      await expect.poll(() => given.next(position).catch(() => undefined)).toMatchObject({ position: position + 1 });
      await given.append(1);
      await expect.poll(async () => (await given.next(position + 1))?.position).toBe(position + 2);
    }
    chance.mockRestore();
  });

  test('whoever asks while it cannot be read is told so at once', async () => {
    await using given = await logOf(1, { retry: { baseMs: 3_600_000, capMs: 3_600_000 } });
    given.faults.subscribe = 1;
    const waiting = given.next(1);
    given.log.start();
    await expect(waiting).rejects.toBe(away);
    await expect(given.next(0)).rejects.toBe(away);
  });

  test('started twice, it is read once; stopped, until that has ended; started anew, it goes on', async () => {
    await using given = await logOf(1);
    await given.begin();
    given.log.start();
    await expect.poll(() => given.readings.begun).toBe(1);
    await given.log.stop();
    expect(given.readings).toEqual({ begun: 1, ended: 1 });
    given.log.start();
    await given.append(1);
    expect(await given.next(1)).toEqual({ after: 1, position: 2, events: [2] });
  });

  test('nobody waits any longer who has given up, or once it is stopped', async () => {
    await using given = await logOf(1);
    await given.begin();
    const leaving = new AbortController();
    const [left, stopped] = [given.next(1, leaving.signal), given.next(1)];
    leaving.abort();
    expect(await left).toBeUndefined();
    await given.log.stop();
    expect([await stopped, await given.next(0)]).toEqual([undefined, undefined]);
  });

  test.each(['has given up', 'is told of the end'])('nobody waits any longer who %s while a read finds nothing', async (how) => {
    await using given = await logOf(5);
    await given.begin();
    const leaving = new AbortController();
    let find = (): void => undefined;
    given.nothing.push(
      new Promise((resolve) => {
        find = resolve;
      }),
    );
    const waiting = given.next(0, leaving.signal);
    if (how === 'has given up') leaving.abort();
    else await given.log.stop();
    find();
    expect(await waiting).toBeUndefined();
  });
});
