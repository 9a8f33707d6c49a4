import { type AppendRequest, type AppendResult, type EventStore, matches, type RecordedEvent } from '@kiroku/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendRequests } from './append-requests.ts';
import { sample, uuidOf, wholeLog } from './event-store-samples.ts';
import type { MakeEventStore } from './make-event-store.ts';

export function concurrencyContract(makeStore: MakeEventStore): void {
  describe('appends at the same time', () => {
    test('that create one stream: exactly one wins', async () => {
      await using store = await makeStore();
      const settled = await together(store, 50, () => ({
        streams: [{ stream: 'order-1', expectedVersion: 'noStream', events: [sample('Placed')] }],
      }));
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(settled.filter(isConflict)).toHaveLength(49);
      expect(await wholeLog(store)).toHaveLength(1);
    });

    test('that depend on no other taking the name: exactly one wins', async () => {
      await using store = await makeStore();
      const settled = await together(store, 50, (n) => ({
        streams: [
          { stream: `category-${n}`, expectedVersion: 'noStream', events: [sample('Defined', { tags: [`n:${n}`, 'name:books'] })] },
        ],
        conditions: [{ query: [{ types: ['Defined'], tags: ['name:books'] }], after: 0 }],
      }));
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(settled.filter(isConflict)).toHaveLength(49);
    });

    test('to one stream, whatever its version, are all accepted, in the order they were made', async () => {
      await using store = await makeStore();
      const settled = await together(store, 100, (n) => ({
        streams: [{ stream: 'audit-1', expectedVersion: 'any', events: [sample('Noted', { data: { n } })] }],
      }));
      expect(settled.every(({ status }) => status === 'fulfilled')).toBe(true);
      expect((await store.readStream('audit-1')).map(({ data }) => data.n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    });

    test('with the same command id take effect once, and all get the same result', async () => {
      await using store = await makeStore();
      const settled = await together(store, 20, () => ({
        streams: [{ stream: 'order-1', expectedVersion: 'any', events: [sample('Placed')] }],
        idempotency: { commandId: uuidOf(1), fingerprint: 'f' },
      }));
      const results = settled.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
      expect(results.map((result) => result?.position)).toEqual(Array.from({ length: 20 }, () => 1));
      expect(results.filter((result) => result?.duplicate === false)).toHaveLength(1);
      expect(await wholeLog(store)).toHaveLength(1);
    });

    test('end as if they had come one after the other', async () => {
      await using store = await makeStore();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(appendRequests, async (plan) => {
          run += 1;
          const base = (await store.head()).position;
          const requests = plan(run, base);
          const following = follow(store, base, `end-${run}`);
          const settled = await Promise.allSettled(requests.map((request) => store.append(request)));
          await store.append({ streams: [{ stream: `end-${run}`, expectedVersion: 'noStream', events: [sample('Ended')] }] });
          const log = (await wholeLog(store)).filter(({ position }) => position > base);
          expect(await following).toEqual(log);
          expect(log.map(({ position }) => position)).toEqual(log.map((_, index) => base + index + 1));
          for (const [index, request] of requests.entries()) expectSerial(log, base, request, settled[index]);
        }),
        { numRuns: 100 },
      );
    });
  });
}

/** Accepted: its events stand together, and it held just before them. Refused: there is a point in the order at which it did not hold. */
function expectSerial(log: readonly RecordedEvent[], base: number, request: AppendRequest, one?: PromiseSettledResult<AppendResult>): void {
  const events = request.streams.flatMap((part) => part.events.map((event) => `${part.stream} ${event.metadata?.causationId}`));
  const mine = log.filter(
    ({ metadata }) => metadata.causationId !== undefined && events.some((e) => e.endsWith(` ${metadata.causationId}`)),
  );
  if (one?.status === 'rejected') {
    expect(one.reason).toMatchObject({ code: 'Conflict' });
    expect(mine).toEqual([]);
    expect([base, ...log.map(({ position }) => position)].some((upTo) => !holds(log, upTo, request))).toBe(true);
    return;
  }
  const last = one?.value.position ?? 0;
  expect(mine.map(({ stream, metadata }) => `${stream} ${metadata.causationId}`)).toEqual(events);
  expect(mine.map(({ position }) => position)).toEqual(events.map((_, index) => last - events.length + index + 1));
  expect(holds(log, last - events.length, request)).toBe(true);
  for (const { stream, version } of one?.value.streams ?? []) expect(version).toBe(versionAt(log, last, stream));
}

/** The model: would the append be accepted if the log ended at `upTo`? */
function holds(log: readonly RecordedEvent[], upTo: number, { streams, conditions = [] }: AppendRequest): boolean {
  const asExpected = streams.every(({ stream, expectedVersion: expected }) => {
    const version = versionAt(log, upTo, stream);
    if (expected === 'any') return true;
    return expected === 'exists' ? version > 0 : version === (expected === 'noStream' ? 0 : expected);
  });
  const unchanged = conditions.every(
    ({ query, after }) => !log.some((event) => event.position > after && event.position <= upTo && matches(query, event)),
  );
  return asExpected && unchanged;
}

function versionAt(log: readonly RecordedEvent[], upTo: number, stream: string): number {
  return log.filter((event) => event.stream === stream && event.position <= upTo).length;
}

/** What a subscriber sees until the stream `end` begins. */
async function follow(store: EventStore, after: number, end: string): Promise<readonly RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  for await (const { events } of store.subscribe({ after, pageSize: 3 })) {
    seen.push(...events);
    if (events.some(({ stream }) => stream === end)) break;
  }
  return seen;
}

function together(store: EventStore, count: number, request: (n: number) => AppendRequest): Promise<PromiseSettledResult<AppendResult>[]> {
  return Promise.allSettled(Array.from({ length: count }, (_, n) => store.append(request(n))));
}

function isConflict(settled: PromiseSettledResult<AppendResult>): boolean {
  return settled.status === 'rejected' && settled.reason.code === 'Conflict';
}
