import type { ActiveBuild, LogIdentity, ReadModelNews } from '@kiroku/core';
import { InMemoryReadModelStore, ledger } from '@kiroku/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { CheckpointWatch } from './checkpoint-watch.ts';

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };

afterEach(() => vi.restoreAllMocks());

/** A watch that looks often, what it says and after how many looks, and its connection. */
async function watched() {
  const readModels = new InMemoryReadModelStore();
  await readModels.prepare(ledger, log);
  let listening: ((isListening: boolean) => void) | undefined;
  vi.spyOn(readModels, 'advances').mockImplementation(async function* (signal, onListening) {
    listening = onListening;
    onListening?.(true);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield* [];
  });
  const active = vi.spyOn(readModels, 'active');
  const watch = new CheckpointWatch({ readModels, projections: [ledger], pollMs: 5 });
  watch.start();
  const told: { readonly kind: ReadModelNews['kind']; readonly looks: number }[] = [];
  const leaving = new AbortController();
  void (async () => {
    for await (const { kind } of watch.changes(leaving.signal)) told.push({ kind, looks: active.mock.calls.length });
  })();
  return {
    active,
    told,
    isCurrent: () => vi.waitUntil(() => told.at(-1)?.kind === 'current', 15_000),
    looks: (more: number) => {
      const until = active.mock.calls.length + more;
      return vi.waitUntil(() => active.mock.calls.length >= until, 15_000);
    },
    listening: (isListening: boolean) => listening?.(isListening),
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await watch.stop();
    },
  };
}

test('what was committed at one look has been told by the next: the first says nothing', async () => {
  await using given = await watched();
  await given.isCurrent();
  expect(given.told[0]?.kind).toBe('reading');
  expect(given.told.find(({ kind }) => kind === 'current')?.looks).toBeGreaterThan(2); // one is made because it listens
});

test('nothing is known to be current while nobody listens, and how things are is said before it is again', async () => {
  await using given = await watched();
  await given.isCurrent();
  given.listening(false);
  given.told.length = 0;
  await given.looks(5);
  expect(given.told).toEqual([]);
  given.listening(true);
  await given.isCurrent();
  expect(given.told[0]?.kind).toBe('reading');
});

test('a look from before the process stood still says nothing of now, nor does the next', async () => {
  await using given = await watched();
  await given.isCurrent();
  let come: (found: ActiveBuild) => void = () => undefined;
  given.active.mockImplementationOnce(() => new Promise((resolve) => (come = resolve)));
  await given.looks(1);
  given.told.length = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 30_000);
  const looks = given.active.mock.calls.length;
  come({ build: 1, partitions: [{ partition: 0, position: 0, movedAt: '', epoch: 1 }] });
  await given.isCurrent();
  expect(given.told[0]?.looks).toBeGreaterThanOrEqual(looks + 2);
});
