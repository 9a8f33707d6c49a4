import type { ActiveBuild, Projection, ReadModelAdvance, ReadModelNews } from '@kiroku/core';
import { InMemoryReadModelStore, ledger } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { CheckpointWatch } from './checkpoint-watch.ts';

const other = { ...ledger, name: 'other-ledger' };
const at = (position: number, build = 1): ActiveBuild => ({ build, partitions: [{ partition: 0, position, movedAt: '', epoch: 1 }] });
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A watch of two read models at position 5, whose looks and advances the test answers and makes. */
async function watched(pollMs = 60_000) {
  const readModels = new InMemoryReadModelStore();
  const answers = new Map<string, () => Promise<ActiveBuild | undefined>>();
  const active = vi.spyOn(readModels, 'active').mockImplementation(async ({ name }) => answers.get(name)?.() ?? at(5));
  let push: (advance: ReadModelAdvance) => void = () => undefined;
  let listens: (isListening: boolean) => void = () => undefined;
  vi.spyOn(readModels, 'advances').mockImplementation(async function* (signal, onListening = () => undefined) {
    listens = onListening;
    onListening(true);
    for (;;) {
      const advance = await new Promise<ReadModelAdvance | undefined>((resolve) => {
        push = resolve;
        signal.addEventListener('abort', () => resolve(undefined));
      });
      if (advance === undefined) return;
      yield advance;
    }
  });
  const watch = new CheckpointWatch({ readModels, projections: [ledger, other], pollMs });
  watch.start();
  await vi.waitUntil(() => watch.position(ledger) === 5 && watch.position(other) === 5, 15_000);
  await settled();
  const told: ReadModelNews[] = [];
  const currents: number[] = [];
  const leaving = new AbortController();
  void (async () => {
    for await (const news of watch.changes(leaving.signal)) {
      told.push(news);
      if (news.kind === 'current') currents.push(active.mock.calls.length);
    }
  })();
  await settled();
  told.length = 0;
  return {
    watch,
    told,
    looks: () => active.mock.calls.length,
    /** What a read model is found at from now on, or how that fails. */
    found: (projection: Pick<Projection, 'name'>, answer: () => Promise<ActiveBuild | undefined>) => answers.set(projection.name, answer),
    /** From now on looks at a read model are answered when the test says so, with what it says. */
    held: (projection: Pick<Projection, 'name'>) => {
      const waiting: ((build: ActiveBuild | Promise<ActiveBuild | undefined>) => void)[] = [];
      answers.set(projection.name, () => new Promise((resolve) => waiting.push(resolve)));
      return { come: (build: ActiveBuild | Promise<ActiveBuild | undefined>) => waiting.shift()?.(build), count: () => waiting.length };
    },
    advance: async (position: number, more: Partial<ReadModelAdvance> = {}) => {
      push({ projection: ledger.name, version: 1, build: 1, partition: 0, position, changed: {}, lists: {}, ...more });
      await settled();
    },
    look: async () => {
      listens(true);
      await settled();
    },
    /** After how many looks it was said that nothing was missed. */
    currents: () => currents,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await watch.stop();
      vi.restoreAllMocks();
    },
  };
}

test.each([
  ['fails', () => Promise.reject(new Error('the database is gone'))],
  ['finds that none is read', () => Promise.resolve(undefined)],
])('a look at one of the read models that %s says nothing of any, nor does the next', async (_what, answer) => {
  await using given = await watched(5);
  await vi.waitUntil(() => given.currents().length > 0, 15_000);
  const slow = given.held(other);
  await vi.waitUntil(() => slow.count() === 1, 15_000);
  const before = given.currents().length;
  given.found(other, answer);
  slow.come(answer());
  const failed = given.looks();
  await vi.waitUntil(() => given.looks() > failed + 10, 15_000);
  expect(given.currents()).toHaveLength(before);
  const looks = given.looks();
  given.found(other, async () => at(5));
  await vi.waitUntil(() => given.currents().length > before, 15_000);
  expect(given.currents()[before]).toBeGreaterThanOrEqual(looks + 4); // two looks at both
});

test('nothing is said to be current by a look during which listening began anew', async () => {
  await using given = await watched(5);
  await vi.waitUntil(() => given.currents().length > 0, 15_000);
  const slow = given.held(other);
  await vi.waitUntil(() => slow.count() === 1, 15_000);
  const before = given.currents().length;
  const again = given.held(ledger);
  await given.look();
  slow.come(at(5));
  await settled();
  expect(again.count()).toBe(1);
  expect(given.currents()).toHaveLength(before);
});

test('a look that was overtaken takes nothing back: neither a position, nor the build that is read', async () => {
  await using given = await watched();
  const ledgers = given.held(ledger);
  await given.look();
  await given.advance(7);
  ledgers.come(at(6));
  await settled();
  expect(given.watch.position(ledger)).toBe(7);

  await given.look();
  await given.look();
  ledgers.come(at(9, 2));
  await settled();
  ledgers.come(at(8));
  await settled();
  expect(given.watch.position(ledger)).toBe(9);
  expect(given.told.at(-1)).toMatchObject({ kind: 'reading', build: 2, positions: [9] });
});

test('of two looks after a crash the earlier takes nothing back that the later has found', async () => {
  await using given = await watched();
  await given.advance(9);
  const ledgers = given.held(ledger);
  await given.look();
  await given.look();
  ledgers.come(at(7));
  await settled();
  ledgers.come(at(6));
  await settled();
  expect(given.watch.position(ledger)).toBe(7);
});

test('a position that a look has found is reached, before it is heard', async () => {
  await using given = await watched(5);
  const ledgers = given.held(ledger);
  await vi.waitUntil(() => ledgers.count() === 1, 15_000);
  ledgers.come(at(6));
  await settled();
  expect(given.watch.position(ledger)).toBe(6);
  expect(given.told.filter(({ kind }) => kind === 'reading')).toEqual([]);
});

test.each<[string, number, Partial<ReadModelAdvance>]>([
  ['of another version', 6, { version: 2 }],
  ['that came late: how things are was said with it', 4, {}],
  ['that says that a build is read which is read already', 5, { isRead: true }],
  ['of a read model that nobody watches', 6, { projection: 'else' }],
])('an advance %s is not told', async (_what, position, more) => {
  await using given = await watched();
  await given.advance(position, more);
  expect(given.told).toEqual([]);
  await given.advance(6);
  expect(given.told).toMatchObject([{ kind: 'advance', version: 1, position: 6 }]);
});

test('a build that is not read is looked up when it is first heard of, and not at each of its advances', async () => {
  await using given = await watched();
  const before = given.looks();
  for (const position of [6, 7, 8]) await given.advance(position, { build: 2 });
  expect(given.looks()).toBe(before + 1);
});
