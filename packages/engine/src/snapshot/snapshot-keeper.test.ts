import type { SnapshotKey, SnapshotPlan, SnapshotStore } from '@kiroku/core';
import { InMemorySnapshotStore } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const plan: SnapshotPlan = { aggregate: 'stock', stateVersion: 1, events: 'Received@1', every: 10, evolve: {} };
const keyOf = (stream: `stock-${number}`): SnapshotKey => ({ stream, aggregate: 'stock', stateVersion: 1, events: 'Received@1' });
const at = (version: number, state: unknown = { version }) => ({ version, eventId: `event-${version}`, state });

/** A store whose saves end when the test says. */
function slowStore() {
  const started: { readonly stream: string; readonly version: number; end(fault?: Error): void }[] = [];
  const store: SnapshotStore = {
    load: async () => undefined,
    save: ({ stream }, { version }) =>
      new Promise((resolve, reject) => {
        started.push({ stream, version, end: (fault) => (fault === undefined ? resolve() : reject(fault)) });
      }),
  };
  return { store, started };
}

async function keeperOver(store: SnapshotStore, options: { readonly concurrency?: number; readonly maxWaiting?: number } = {}) {
  const onFault = vi.fn();
  const keeper = new SnapshotKeeper({ store, onFault, ...options });
  await keeper.find('stock-1', plan); // who uses snapshots has looked for one first
  return { keeper, onFault };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('saving', () => {
  test('keeps what was offered, in the background', async () => {
    const store = new InMemorySnapshotStore();
    const { keeper } = await keeperOver(store);
    keeper.offer('stock-1', plan, at(10));
    await keeper.stop();
    expect(await store.load(keyOf('stock-1'))).toEqual(at(10));
    expect(await keeper.find('stock-1', plan)).toEqual(at(10));
  });

  test('has one under way for a stream, and only so many altogether', async () => {
    const { store, started } = slowStore();
    const { keeper } = await keeperOver(store);
    for (const version of [10, 11, 12]) keeper.offer('stock-1', plan, at(version));
    for (const n of [2, 3, 4] as const) keeper.offer(`stock-${n}`, plan, at(10));
    keeper.offer('stock-3', plan, at(20));
    expect(started.map(({ stream, version }) => [stream, version])).toEqual([
      ['stock-1', 10],
      ['stock-2', 10],
    ]);
    started[0]?.end();
    await settled();
    expect(started.slice(2).map(({ stream, version }) => [stream, version])).toEqual([['stock-3', 20]]);
  });

  test('lets go of what comes when too many wait', async () => {
    const { store, started } = slowStore();
    const { keeper } = await keeperOver(store, { concurrency: 1, maxWaiting: 1 });
    for (const n of [1, 2, 3] as const) keeper.offer(`stock-${n}`, plan, at(10));
    for (const n of [0, 1]) {
      started[n]?.end();
      await settled();
    }
    expect(started.map(({ stream }) => stream)).toEqual(['stock-1', 'stock-2']);
  });

  test('is waited for by stop, also what had to queue, and nothing is taken after it', async () => {
    const { store, started } = slowStore();
    const { keeper } = await keeperOver(store, { concurrency: 1 });
    keeper.offer('stock-1', plan, at(10));
    keeper.offer('stock-2', plan, at(10));
    let stopped = false;
    const stopping = keeper.stop().then(() => {
      stopped = true;
    });
    started[0]?.end();
    await settled();
    expect(stopped).toBe(false);
    keeper.offer('stock-3', plan, at(10));
    started[1]?.end();
    await stopping;
    expect(started.map(({ stream }) => stream)).toEqual(['stock-1', 'stock-2']);
  });

  test('that fails is reported, and the stream may be saved again', async () => {
    const { store, started } = slowStore();
    const { keeper, onFault } = await keeperOver(store);
    keeper.offer('stock-1', plan, at(10));
    started[0]?.end(new Error('no disk'));
    await settled();
    expect(onFault).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'no disk' }), keyOf('stock-1'));
    keeper.offer('stock-1', plan, at(20));
    expect(started.map(({ version }) => version)).toEqual([10, 20]);
  });

  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  test.each([
    [{ at: new Date(0) }],
    [{ total: Number.NaN }],
    [{ total: -0 }],
    [{ note: undefined }],
    [new Set([1])],
    [undefined],
    [1n],
    [cyclic],
  ])('never keeps a state that would read back differently: %o', async (state) => {
    const store = new InMemorySnapshotStore();
    const { keeper, onFault } = await keeperOver(store);
    keeper.offer('stock-1', plan, { ...at(10), state });
    await keeper.stop();
    expect(store.size).toBe(0);
    expect(onFault).toHaveBeenCalledOnce();
  });
});

describe('finding', () => {
  test('in a store that fails, or returns what cannot be, finds nothing and reports it', async () => {
    const load = vi
      .fn<SnapshotStore['load']>()
      .mockRejectedValueOnce(new Error('no table'))
      .mockResolvedValueOnce(at(0.5) as never);
    const onFault = vi.fn();
    const keeper = new SnapshotKeeper({ store: { load, save: vi.fn() }, onFault });
    expect(await keeper.find('stock-1', plan)).toBeUndefined();
    expect(await keeper.find('stock-1', plan)).toBeUndefined();
    expect(onFault).toHaveBeenCalledTimes(2);
  });

  test('does not give one definition the states of another', async () => {
    const store = new InMemorySnapshotStore();
    const { keeper, onFault } = await keeperOver(store);
    await store.save(keyOf('stock-1'), { ...at(10), state: null });
    const other = { ...plan, evolve: {} };
    expect(await keeper.find('stock-1', other)).toBeUndefined();
    expect(onFault).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'DefinitionInvalid' }), keyOf('stock-1'));
    keeper.offer('stock-2', other, at(10));
    await keeper.stop();
    expect(store.size).toBe(1);
  });
});
