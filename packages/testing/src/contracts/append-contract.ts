import type { AppendRequest, ConsistencyCondition, EventQuery, ExpectedVersion, NewEvent, StreamName } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { given, label, sample, sharedStore, wholeLog } from './event-store-samples.ts';
import type { MakeEventStore } from './make-event-store.ts';

export function appendContract(makeStore: MakeEventStore): void {
  describe('append', () => {
    const shared = sharedStore(makeStore);

    test('numbers events from 1 in the log and in their streams', async () => {
      await using store = await makeStore();
      await given(store, 'order-1', 'Placed');
      await given(store, 'order-2', 'Placed', 'Paid');
      const result = await store.append({ streams: [{ stream: 'order-1', expectedVersion: 1, events: [sample('Paid'), sample('Sent')] }] });
      expect(result).toEqual({ position: 5, streams: [{ stream: 'order-1', version: 3 }], duplicate: false });
      const log = await wholeLog(store);
      expect(log.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
      expect(log.map(label)).toEqual(['order-1 v1 Placed', 'order-2 v1 Placed', 'order-2 v2 Paid', 'order-1 v2 Paid', 'order-1 v3 Sent']);
    });

    test('stores what it was given, and gives it an id and a time', async () => {
      await using store = await makeStore();
      const event: NewEvent = {
        type: 'Pläced"\\{},',
        schemaVersion: 3,
        data: { text: 'Grüße "日本" 🚀 \\ \n', list: [1, -2.5, 1e21, null, { deep: true }], empty: {}, dropped: undefined },
        metadata: { actor: 'anna', correlationId: 'c-1' },
        tags: ['customer:7', 'a "quoted\\" {tag}', 'customer:7', 'NULL'],
      };
      await given(store, 'order-ä"\\1', event);
      const [stored] = await store.readStream('order-ä"\\1');
      expect(stored).toEqual({
        position: 1,
        stream: 'order-ä"\\1',
        version: 1,
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        type: 'Pläced"\\{},',
        schemaVersion: 3,
        data: { text: 'Grüße "日本" 🚀 \\ \n', list: [1, -2.5, 1e21, null, { deep: true }], empty: {} },
        metadata: { actor: 'anna', correlationId: 'c-1' },
        tags: ['customer:7', 'a "quoted\\" {tag}', 'NULL'],
        recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      });
    });

    test('never records a time before its predecessor', async () => {
      await using store = await makeStore();
      for (let i = 0; i < 20; i++) await given(store, `order-${i % 3}`, 'Placed');
      const times = (await wholeLog(store)).map(({ recordedAt }) => recordedAt);
      expect(times).toEqual([...times].sort());
    });

    test.each<[ExpectedVersion, number, boolean]>([
      ['any', 0, true],
      ['any', 2, true],
      ['noStream', 0, true],
      ['noStream', 2, false],
      ['exists', 0, false],
      ['exists', 2, true],
      [0, 0, true],
      [0, 2, false],
      [2, 2, true],
      [1, 2, false],
      [3, 2, false],
    ])('expecting %s of a stream at version %i: %s', async (expectedVersion, version, accepted) => {
      const stream: StreamName = `order-${expectedVersion}-${version}`;
      if (version > 0) await given(shared(), stream, ...Array.from({ length: version }, () => 'Placed'));
      const append = shared().append({ streams: [{ stream, expectedVersion, events: [sample('Paid')] }] });
      if (accepted) expect(await append).toMatchObject({ streams: [{ version: version + 1 }] });
      else await expect(append).rejects.toMatchObject({ code: 'Conflict', details: { stream, version, expected: expectedVersion } });
    });

    test('appends to several streams, or to none if one expectation does not hold', async () => {
      await using store = await makeStore();
      const request = (second: ExpectedVersion): AppendRequest => ({
        streams: [
          { stream: 'order-1', expectedVersion: 'any', events: [sample('Placed')] },
          { stream: 'stock-1', expectedVersion: second, events: [sample('Reserved'), sample('Counted')] },
          { stream: 'price-1', expectedVersion: 'noStream', events: [] },
        ],
      });
      await expect(store.append(request(1))).rejects.toMatchObject({ code: 'Conflict' });
      expect(await wholeLog(store)).toEqual([]);
      expect(await store.append(request('noStream'))).toMatchObject({
        position: 3,
        streams: [
          { stream: 'order-1', version: 1 },
          { stream: 'stock-1', version: 2 },
          { stream: 'price-1', version: 0 },
        ],
      });
    });

    test('without events it checks the expectation and returns the head', async () => {
      await using store = await makeStore();
      await given(store, 'order-1', 'Placed', 'Paid');
      const nothing = (expectedVersion: ExpectedVersion) => store.append({ streams: [{ stream: 'order-1', expectedVersion, events: [] }] });
      expect(await nothing(2)).toEqual({ position: 2, streams: [{ stream: 'order-1', version: 2 }], duplicate: false });
      await expect(nothing(1)).rejects.toMatchObject({ code: 'Conflict' });
      expect(await store.append({ streams: [] })).toEqual({ position: 2, streams: [], duplicate: false });
    });

    test.each<[EventQuery, boolean]>([
      [[{ tags: ['name:books'] }], true],
      [[{ tags: ['name:toys'] }], false],
      [[{ types: ['Defined'] }], true],
      [[{ types: ['Renamed'] }], false],
      [[{ types: [] }], false],
      [[{ types: ['Renamed', 'Defined'], tags: ['name:books', 'shop:1'] }], true],
      [[{ types: ['Defined'], tags: ['name:books', 'shop:2'] }], false],
      [[{ types: ['Renamed'], tags: ['name:books'] }], false],
      [[{ types: ['Renamed'] }, { tags: ['shop:1'] }], true],
      [[{ tags: [] }], true],
      [[{}], true],
      [[], false],
    ])('a condition on %j is broken by a later Defined tagged name:books and shop:1: %s', async (query, broken) => {
      const store = shared();
      await given(store, 'category-0', 'Opened');
      const { position } = await store.head();
      await given(store, 'category-1', sample('Defined', { tags: ['name:books', 'shop:1'] }));
      const append = (condition: ConsistencyCondition) =>
        store.append({ streams: [{ stream: 'category-2', expectedVersion: 'any', events: [sample('Noted')] }], conditions: [condition] });
      if (broken) await expect(append({ query, after: position })).rejects.toMatchObject({ code: 'Conflict' });
      else expect(await append({ query, after: position })).toMatchObject({ duplicate: false });
      expect(await append({ query, after: (await store.head()).position })).toMatchObject({ duplicate: false });
    });
  });

  describe('append refuses', () => {
    const store = sharedStore(makeStore);
    const reply = (event: unknown): AppendRequest => ({
      streams: [{ stream: 'order-1', expectedVersion: 'any', events: [event as NewEvent] }], // what a caller without types may send
    });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    test.each<[string, AppendRequest]>([
      ['a NUL character', reply({ type: 'A', data: { text: 'a\0b' } })],
      ['half a surrogate pair', reply({ type: 'A', data: { list: ['\ud800'] } })],
      ['a NUL in a key', reply({ type: 'A', data: { 'a\0': 1 } })],
      ['a number that JSON lacks', reply({ type: 'A', data: { price: Number.NaN } })],
      ['a date', reply({ type: 'A', data: { at: new Date(0) } })],
      ['undefined in a list', reply({ type: 'A', data: { list: [undefined] } })],
      ['a cycle', reply({ type: 'A', data: cycle })],
      ['data that is no object', reply({ type: 'A', data: ['a'] })],
      ['a mebibyte of data', reply({ type: 'A', data: { text: 'x'.repeat(1_048_576) } })],
      ['a NUL in metadata', reply({ type: 'A', data: {}, metadata: { actor: '\0' } })],
      ['no type', reply({ type: '', data: {} })],
      ['a type with a space', reply({ type: 'Order placed', data: {} })],
      ['a type with a control character', reply({ type: 'A\n', data: {} })],
      ['metadata of more than 64 KiB', reply({ type: 'A', data: {}, metadata: { actor: 'x'.repeat(65_536) } })],
      ['a number beyond doubles', reply({ type: 'A', data: { big: 2n ** 64n } })],
      ['schema version 2^31', reply({ type: 'A', schemaVersion: 2_147_483_648, data: {} })],
      ['schema version 0', reply({ type: 'A', schemaVersion: 0, data: {} })],
      ['an id that is no UUID', reply({ type: 'A', id: 'abc', data: {} })],
      ['an empty tag', reply({ type: 'A', data: {}, tags: [''] })],
      ['a tag that is too long', reply({ type: 'A', data: {}, tags: ['x'.repeat(251)] })],
      ['33 tags', reply({ type: 'A', data: {}, tags: Array.from({ length: 33 }, (_, i) => `t${i}`) })],
      [
        '5,001 events',
        { streams: [{ stream: 'order-1', expectedVersion: 'any', events: Array.from({ length: 5_001 }, () => sample('A')) }] },
      ],
      ['a stream without a category', { streams: [{ stream: '-1', expectedVersion: 'any', events: [] }] }],
      ['a negative expected version', { streams: [{ stream: 'order-1', expectedVersion: -1, events: [] }] }],
      ['an expected version of 2^31', { streams: [{ stream: 'order-1', expectedVersion: 2_147_483_648, events: [] }] }],
      ['a stream with a control character', { streams: [{ stream: 'order-a\u0007', expectedVersion: 'any', events: [] }] }],
      ['a stream named twice', { streams: [1, 2].map(() => ({ stream: 'order-1', expectedVersion: 'any', events: [] })) }],
      ['a command id that is no UUID', { streams: [], idempotency: { commandId: 'x', fingerprint: 'f' } }],
    ])('%s', async (_, request) => {
      await expect(store().append(request)).rejects.toMatchObject({ code: 'EventInvalid' });
      expect((await store().head()).position).toBe(0);
    });

    test('one append alone: those made in the same turn are stored', async () => {
      await using store = await makeStore();
      const all = [{ n: 1 }, { n: Number.POSITIVE_INFINITY }, { text: '\ud800' }, { text: 'x'.repeat(1_048_576) }, { n: 2 }];
      const settled = await Promise.allSettled(all.map((data) => store.append(reply({ type: 'A', data }))));
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled']);
      expect((await wholeLog(store)).map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    });
  });
}
