import { type EventQuery, idOf, type LogFilter, type ReadLogOptions, type ReadStreamOptions } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { given, sample, sharedStore, wholeLog } from './event-store-samples.ts';
import type { MakeEventStore } from './make-event-store.ts';

export function readingContract(makeStore: MakeEventStore): void {
  describe('reading a stream', () => {
    const store = sharedStore(makeStore, async (empty) => {
      await given(empty, 'order-1', 'Placed', 'Paid');
      await given(empty, 'order-10', 'Placed');
      await given(empty, 'order-1', 'Packed', 'Sent');
    });
    test.each<[ReadStreamOptions, readonly number[]]>([
      [{}, [1, 2, 3, 4]],
      [{ fromVersion: 3 }, [3, 4]],
      [{ limit: 2 }, [1, 2]],
      [{ fromVersion: 2, limit: 2 }, [2, 3]],
      [{ fromVersion: 9 }, []],
      [{ fromVersion: 3_000_000_000 }, []],
      [{ direction: 'backward' }, [4, 3, 2, 1]],
      [{ direction: 'backward', limit: 1 }, [4]],
      [{ direction: 'backward', fromVersion: 3, limit: 2 }, [3, 2]],
      [{ direction: 'backward', fromVersion: 9 }, [4, 3, 2, 1]],
    ])('with %j gives versions %j', async (options, versions) => {
      expect((await store().readStream('order-1', options)).map(({ version }) => version)).toEqual(versions);
      expect(await store().readStream('order-2', options)).toEqual([]);
    });

    test('at the same time as others gives each its own events, from its own version on', async () => {
      const wanted = ['order-1', 'order-2', 'order-10', 'order-1', 'order-1'] as const;
      const found = await Promise.all(wanted.map((stream, n) => store().readStream(stream, { fromVersion: n + 1 })));
      expect(found.map((events) => events.map(({ stream, version }) => `${stream} ${version}`))).toEqual([
        ['order-1 1', 'order-1 2', 'order-1 3', 'order-1 4'],
        [],
        [],
        ['order-1 4'],
        [],
      ]);
    });

    test.each<ReadStreamOptions>([{ fromVersion: -1 }, { limit: -1 }, { limit: 0.5 }])('refuses %j', async (options) => {
      await expect(store().readStream('order-1', options)).rejects.toMatchObject({ code: 'BadRequest' });
    });
  });

  describe('reading by a query', () => {
    const store = sharedStore(makeStore, async (empty) => {
      await given(empty, 'category-1', sample('Defined', { tags: ['a'] }), sample('Renamed', { tags: ['a', 'b'] }));
      await given(empty, 'category-2', sample('Defined'), sample('Deleted'));
    });
    test.each<[EventQuery, readonly number[]]>([
      [[{ types: ['Defined'] }], [1, 3]],
      [[{ tags: ['a'] }], [1, 2]],
      [[{ tags: ['b', 'a'] }], [2]],
      [[{ types: ['Defined'], tags: ['a'] }], [1]],
      [[{ types: ['Defined', 'Renamed'], tags: [] }], [1, 2, 3]],
      [
        [{ tags: ['b'] }, { types: ['Defined'] }, { tags: ['a'] }],
        [1, 2, 3],
      ],
      [[{ types: [] }], []],
      [[{ tags: ['c'] }], []],
      [[{}], [1, 2, 3, 4]],
      [
        [{ tags: ['c'] }, {}],
        [1, 2, 3, 4],
      ],
      [[], []],
    ])('%j gives positions %j and the head', async (query, positions) => {
      const page = await store().query(query);
      expect(page.events.map(({ position }) => position)).toEqual(positions);
      expect(page.position).toBe(4);
    });
  });

  describe('reading the log', () => {
    const store = sharedStore(makeStore, async (empty) => {
      await given(empty, 'order-1', sample('Placed', { tags: ['a'] }));
      await given(empty, 'stock-1', sample('Placed', { tags: ['a', 'b'] }));
      await given(empty, 'order-x-2', sample('Sent'));
    });

    test('goes page by page to its head, and no further', async () => {
      await using store = await makeStore();
      expect(await store.readLog()).toEqual({ events: [], position: 0 });
      await given(store, 'order-1', 'A', 'B', 'C', 'D', 'E');
      const pages = await Promise.all([0, 2, 4, 5, 9].map((after) => store.readLog({ after, pageSize: 2 })));
      expect(pages.map(({ events }) => events.map(({ type }) => type))).toEqual([['A', 'B'], ['C', 'D'], ['E'], [], []]);
      expect(pages.map(({ position }) => position)).toEqual([2, 4, 5, 5, 9]);
      expect(await store.readLog({ after: 1, until: 3 })).toMatchObject({ events: [{ type: 'B' }, { type: 'C' }], position: 3 });
    });

    test.each<[LogFilter, readonly number[]]>([
      [{}, [1, 2, 3]],
      [{ types: ['Placed', 'Unknown'] }, [1, 2]],
      [{ types: [] }, []],
      [{ categories: ['order'] }, [1, 3]],
      [{ tags: ['a', 'b'] }, [2]],
      [{ types: ['Placed'], categories: ['stock'], tags: ['a'] }, [2]],
    ])('with the filter %j gives positions %j, and counts what it left out as looked at', async (filter, positions) => {
      const page = await store().readLog({ filter });
      expect(page.events.map(({ position }) => position)).toEqual(positions);
      expect(page.position).toBe(3);
    });

    test('gives each stream in one of its parts, and those with the same id in the same', async () => {
      await using store = await makeStore();
      for (let id = 0; id < 12; id++) for (const category of ['order', 'stock']) await given(store, `${category}-${id}`, 'A', 'B');
      const parts = await Promise.all([0, 1, 2].map((index) => store.readLog({ filter: { part: { index, of: 3 } } })));
      const ids = parts.map(({ events }) => [...new Set(events.map(({ stream }) => idOf(stream)))]);
      expect(parts.every(({ events }) => events.length > 0)).toBe(true);
      expect(ids.flat()).toHaveLength(12);
      expect(parts.flatMap(({ events }) => events).toSorted((a, b) => a.position - b.position)).toEqual(await wholeLog(store));
    });

    test.each<ReadLogOptions>([
      { filter: { part: { index: 2, of: 2 } } },
      { pageSize: 0 },
      { pageSize: 10_001 },
      { pageSize: 1.5 },
      { after: -1 },
      { after: Number.NaN },
    ])('refuses %j', async (options) => {
      await expect(store().readLog(options)).rejects.toMatchObject({ code: 'BadRequest' });
    });

    test('tells the last position that was recorded at or before a time', async () => {
      await using store = await makeStore();
      const day = 86_400_000;
      expect(await store.positionAt(new Date(Date.now() + day).toISOString())).toBe(0);
      for (const stream of ['order-1', 'order-2', 'order-3', 'order-1', 'order-2'] as const) await given(store, stream, 'A', 'B');
      const log = await wholeLog(store);
      for (const { recordedAt } of log) {
        const last = log.findLast((event) => event.recordedAt === recordedAt)?.position;
        expect(await store.positionAt(recordedAt)).toBe(last);
        expect(await store.positionAt(new Date(Date.parse(recordedAt) + 3_600_000).toISOString())).toBe(10);
        const before = log.findLast((event) => event.recordedAt < recordedAt)?.position ?? 0;
        expect(await store.positionAt(microsecondBefore(recordedAt))).toBe(before);
      }
      expect(await store.positionAt(new Date(Date.now() - day).toISOString())).toBe(0);
      expect(await store.positionAt('9999-12-31')).toBe(10);
    });

    test.each(['', 'yesterday', '2026', '7', '2026-02-30', '2026-11-24T25:00:00Z', '2026-11-24T10:00:00', "2026-11-24'"])(
      'refuses the time "%s"',
      async (time) => {
        await expect(store().positionAt(time)).rejects.toMatchObject({ code: 'BadRequest' });
      },
    );

    test('the head tells the last position and which log this is', async () => {
      await using store = await makeStore();
      const empty = await store.head();
      await given(store, 'order-1', 'Placed', 'Paid');
      expect(empty).toEqual({ position: 0, log: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), timeline: 1 } });
      expect(await store.head()).toEqual({ position: 2, log: empty.log });
    });
  });
}

function microsecondBefore(recordedAt: string): string {
  const micros = BigInt(Date.parse(`${recordedAt.slice(0, 19)}Z`)) * 1_000n + BigInt(recordedAt.slice(20, 26)) - 1n;
  const fraction = String(micros % 1_000_000n).padStart(6, '0');
  return `${new Date(Number(micros / 1_000n)).toISOString().slice(0, 19)}.${fraction}Z`;
}
