import type { LogIdentity, ReadModelNews } from '@kiroku/core';
import { InMemoryReadModelStore, ledger } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { CheckpointWatch, type CheckpointWatchOptions } from './checkpoint-watch.ts';

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const other = { ...ledger, name: 'other-ledger' };

async function watched(options: Partial<CheckpointWatchOptions> = {}) {
  const readModels = new InMemoryReadModelStore();
  await readModels.prepare(ledger, log);
  await readModels.prepare(other, log);
  const watch = new CheckpointWatch({ readModels, projections: [ledger, other], ...options });
  const move = async (projection: typeof ledger, position: number, build = 1): Promise<void> => {
    const leases = await readModels.attend({ instance: 'test', projections: [ledger, other], leaseMs: 60_000 });
    const lease = leases.find((each) => each.projection === projection && each.build === build);
    if (lease === undefined) throw new Error('it was prepared');
    const upserts = [{ day: '2026-11-24', account: `a${position}`, entries: 1 }];
    const fold = () => ({ changes: [{ table: 'day', upserts, deletes: [] }], parks: [] });
    await readModels.apply({ lease, after: lease.position, position, log, touched: {}, fold });
  };
  watch.start();
  return { readModels, watch, move, [Symbol.asyncDispose]: () => watch.stop() };
}

describe('waiting for a position', () => {
  test('ends at once when it is reached already', async () => {
    await using given = await watched();
    await given.move(ledger, 5);
    await given.watch.waitFor([ledger], 5);
    await given.watch.waitFor([ledger], 4, { timeoutMs: 0 });
    expect(given.watch.position(ledger)).toBe(5);
  });

  test('ends when the last of the projections has reached it', async () => {
    await using given = await watched();
    const ended = vi.fn();
    const waiting = given.watch.waitFor([ledger, other], 5).then(ended);
    await given.move(ledger, 7);
    await given.move(other, 4);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ended).not.toHaveBeenCalled();
    await given.move(other, 5);
    await waiting;
  });

  test('finds out by reading the checkpoints when no advance is told', async () => {
    await using given = await watched({ pollMs: 5 });
    vi.spyOn(given.readModels, 'advances').mockImplementation(async function* () {});
    await given.watch.stop();
    given.watch.start();
    const waiting = given.watch.waitFor([ledger], 3);
    await given.move(ledger, 3);
    await waiting;
  });

  test('is refused soon for a position that is not in the log, and goes on for one that is', async () => {
    const head = async () => ({ position: 5, log });
    await using given = await watched({ eventStore: { head }, lookMs: 1 });
    const waiting = given.watch.waitFor([ledger], 5);
    await expect(given.watch.waitFor([ledger], 6)).rejects.toMatchObject({
      code: 'BadRequest',
      details: { issues: [{ path: 'atLeast', message: 'is beyond the end of the log (5)' }] },
    });
    await given.move(ledger, 5);
    await waiting;
  });

  test('goes on while the log cannot be asked for its end', async () => {
    const head = () => Promise.reject(new Error('down'));
    await using given = await watched({ eventStore: { head }, lookMs: 1 });
    await expect(given.watch.waitFor([ledger], 6, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'NotCaughtUp' });
  });

  test('fails after the timeout, saying who is behind', async () => {
    await using given = await watched();
    await given.move(ledger, 5);
    await expect(given.watch.waitFor([ledger, other], 5, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'NotCaughtUp',
      message: expect.stringContaining('other-ledger is at 0'),
    });
  });

  test('ends with the reason of a signal that fires', async () => {
    await using given = await watched();
    const reason = new Error('the client went away');
    const leaving = new AbortController();
    const waiting = given.watch.waitFor([ledger], 5, { signal: leaving.signal });
    leaving.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(given.watch.waitFor([ledger], 5, { signal: leaving.signal })).rejects.toBe(reason);
  });

  test('on a projection that is not watched is a mistake', async () => {
    await using given = await watched();
    await expect(given.watch.waitFor([{ name: 'unknown' }], 1)).rejects.toMatchObject({ code: 'DefinitionInvalid' });
  });
});

describe('the changes', () => {
  test('are told to everyone who asked, in order, from then on', async () => {
    await using given = await watched();
    await given.move(ledger, 1);
    await vi.waitUntil(() => given.watch.position(ledger) === 1, 15_000);
    const leaving = new AbortController();
    const two = [collect(given.watch.changes(leaving.signal)), collect(given.watch.changes(leaving.signal))];
    await given.move(ledger, 2);
    await given.move(other, 3);
    await vi.waitUntil(() => two.every(({ advances }) => advances().length === 2), 15_000);
    leaving.abort();
    await Promise.all(two.map(({ end }) => end));
    for (const { told, advances } of two) {
      expect(told.slice(0, 2)).toEqual([
        { kind: 'reading', projection: 'contract-ledger', version: 1, build: 1, positions: [1] },
        { kind: 'reading', projection: 'other-ledger', version: 1, build: 1, positions: [0] },
      ]);
      expect(advances()).toMatchObject([
        { projection: 'contract-ledger', position: 2, changed: { day: ['["2026-11-24","a2"]'] }, lists: {} },
        { projection: 'other-ledger', position: 3, changed: { day: ['["2026-11-24","a3"]'] }, lists: {} },
      ]);
    }
  });

  test('are replaced, for a consumer that falls behind, by how things are', async () => {
    await using given = await watched({ maxBuffered: 3 });
    const leaving = new AbortController();
    const changes = given.watch.changes(leaving.signal);
    for (let position = 1; position <= 10; position++) await given.move(ledger, position);
    await vi.waitUntil(() => given.watch.position(ledger) === 10, 15_000);
    const { told, end, readings, advances } = collect(changes);
    await vi.waitUntil(() => told.length > 0, 15_000);
    leaving.abort();
    await end;
    expect(told.length).toBeLessThanOrEqual(4);
    const from = readings('contract-ledger').at(-1)?.positions[0] ?? 0;
    expect(from).toBeGreaterThan(5);
    expect(advances().map(({ position }) => position)).toEqual(Array.from({ length: 10 - from }, (_, n) => from + n + 1));
  });

  test.each([
    { how: 'at once', pollMs: 60_000 },
    { how: 'by looking', pollMs: 5 },
  ])('are of the build that is read only, and tell of a switch $how', async ({ how, pollMs }) => {
    await using given = await watched({ pollMs });
    await given.move(ledger, 1);
    await vi.waitUntil(() => given.watch.position(ledger) === 1, 15_000);
    await given.readModels.addBuild(ledger, log);
    const leaving = new AbortController();
    const { told, end, advances, readings } = collect(given.watch.changes(leaving.signal));
    await given.move(ledger, 2, 2);
    await given.move(ledger, 3);
    await vi.waitUntil(() => advances().length === 1, 15_000);
    await given.move(ledger, 4, 2);
    await given.readModels.switchTo(ledger, 2, { isTold: how === 'at once' });
    await vi.waitUntil(() => given.watch.position(ledger) === 4, 15_000);
    await given.move(ledger, 5);
    await given.move(ledger, 6, 2);
    await vi.waitUntil(() => advances().length === 2, 15_000);
    leaving.abort();
    await end;
    expect(advances().map(({ build, position }) => [build, position])).toEqual([
      [1, 3],
      [2, 6],
    ]);
    expect(readings('contract-ledger').at(-1)).toMatchObject({ build: 2, positions: [4] });
    const order = told.filter((news) => news.kind !== 'current' && news.build === 2).map(({ kind }) => kind);
    expect(order).toEqual(['reading', 'advance']);
  });

  test('say how things are when advances were not heard: at the second look that finds them', async () => {
    await using given = await watched({ pollMs: 5 });
    const advances = vi.spyOn(given.readModels, 'advances').mockImplementation(async function* (signal, onListening) {
      onListening?.(true);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield* [];
    });
    await given.watch.stop();
    given.watch.start();
    await vi.waitUntil(() => advances.mock.calls.length === 1, 15_000);
    const leaving = new AbortController();
    const { end, readings, currents } = collect(given.watch.changes(leaving.signal));
    await vi.waitUntil(() => currents() > 1, 15_000);
    await given.move(ledger, 3);
    await given.watch.waitFor([ledger], 3);
    await vi.waitUntil(() => readings('contract-ledger').at(-1)?.positions[0] === 3, 15_000);
    const [known, looks] = [readings('contract-ledger').length, currents()];
    await vi.waitUntil(() => currents() > looks + 3, 15_000);
    expect(readings('contract-ledger')).toHaveLength(known);
    leaving.abort();
    await end;
  });

  test('say how things are when nobody had listened before, and when rows were taken back', async () => {
    await using given = await watched({ pollMs: 5 });
    await given.move(ledger, 5);
    const leaving = new AbortController();
    const { end, readings } = collect(given.watch.changes(leaving.signal));
    await vi.waitUntil(() => given.watch.position(ledger) === 5, 15_000);
    const before = readings('contract-ledger').length;
    vi.spyOn(given.readModels, 'active').mockResolvedValue({
      build: 1,
      partitions: [{ partition: 0, position: 2, movedAt: '', epoch: 1 }],
    });
    await vi.waitUntil(() => given.watch.position(ledger) === 2, 15_000);
    expect(readings('contract-ledger').slice(before)).toMatchObject([{ positions: [2] }]);
    leaving.abort();
    await end;
  });

  test('do not say that all was heard while the checkpoints cannot be read', async () => {
    await using given = await watched({ pollMs: 5 });
    const leaving = new AbortController();
    const { end, currents } = collect(given.watch.changes(leaving.signal));
    await vi.waitUntil(() => currents() > 0, 15_000);
    const active = vi.spyOn(given.readModels, 'active').mockRejectedValue(new Error('the database is gone'));
    const [asked, told] = [active.mock.calls.length, currents()];
    await vi.waitUntil(() => active.mock.calls.length > asked + 10, 15_000);
    expect(currents()).toBeLessThanOrEqual(told + 1); // one may have been under way
    leaving.abort();
    await end;
  });

  test.each(['heard', 'read'] as const)('that an operator makes to rows are told at a position that was %s before', async (how) => {
    await using given = await watched();
    await vi.waitUntil(() => given.watch.position(ledger) === 0, 15_000);
    const leaving = new AbortController();
    const [lease] = await given.readModels.attend({ instance: 'test', projections: [ledger], leaseMs: 60_000 });
    if (lease === undefined) throw new Error('it was prepared');
    const fault = { code: 'Error', message: 'no' };
    const park = { table: 'account', keyText: 'ann', key: { id: 'ann' }, position: 1, eventType: 'Deposited', fault };
    const fold = () => ({ changes: [], parks: [park] });
    const late = new CheckpointWatch({ readModels: given.readModels, projections: [ledger] });
    const watch = how === 'heard' ? given.watch : late;
    const early = how === 'heard' ? [collect(watch.changes(leaving.signal))] : [];
    await given.readModels.apply({ lease, after: 0, position: 1, log, touched: {}, fold });
    late.start();
    await vi.waitUntil(() => watch.position(ledger) === 1, 15_000);
    const { end, advances } = early[0] ?? collect(watch.changes(leaving.signal));
    await given.readModels.settleParked({
      parked: { projection: ledger, build: 1, table: 'account', keyText: 'ann' },
      positions: [1],
      keys: [],
      fold: () => ({ changes: { upserts: [{ id: 'ann' }], deletes: [] } }),
    });
    await vi.waitUntil(() => advances().at(-1)?.changed?.account !== undefined, 15_000);
    leaving.abort();
    await end;
    await late.stop();
    expect(advances().at(-1)).toMatchObject({ position: 1, changed: { account: ['ann'] } });
  });

  test('end when the watch stops', async () => {
    await using given = await watched();
    const { end } = collect(given.watch.changes(new AbortController().signal));
    await given.watch.stop();
    await end;
  });

  test('go to nobody who left', async () => {
    await using given = await watched();
    const changes = given.watch.changes(new AbortController().signal)[Symbol.asyncIterator]();
    await changes.return?.();
    await given.move(ledger, 1);
    expect((await changes.next()).done).toBe(true);
  });
});

type NewsOf<K extends ReadModelNews['kind']> = Extract<ReadModelNews, { readonly kind: K }>;

function collect(changes: AsyncIterable<ReadModelNews>) {
  const told: ReadModelNews[] = [];
  const end = (async () => {
    for await (const news of changes) told.push(news);
  })();
  const of = <K extends ReadModelNews['kind']>(kind: K) => told.filter((news): news is NewsOf<K> => news.kind === kind);
  return {
    told,
    end,
    advances: () => of('advance'),
    readings: (projection: string) => of('reading').filter((news) => news.projection === projection),
    currents: () => of('current').length,
  };
}

test('a checkpoint that a crash has taken back is waited for again', async () => {
  await using given = await watched({ pollMs: 5 });
  await given.move(ledger, 7);
  await vi.waitFor(() => expect(given.watch.position(ledger)).toBe(7), 15_000);

  const partition = { partition: 0, position: 3, movedAt: '2026-11-24T10:00:00.000Z', epoch: 1 };
  const takenBack = vi.spyOn(given.readModels, 'active').mockResolvedValue({ build: 1, partitions: [partition] });
  await vi.waitFor(() => expect(given.watch.position(ledger)).toBe(3), 15_000);
  await expect(given.watch.waitFor([ledger], 7, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'NotCaughtUp' });

  takenBack.mockRestore();
  await given.watch.waitFor([ledger], 7);
});
