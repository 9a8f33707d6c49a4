import { KirokuError, type Projection, type ReadModelStore } from '@kiroku/core';
import { foldOneByOne, InMemoryEventStore, InMemoryReadModelStore, ledger, ledgerMoves, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FollowerStatus } from '../follow-log/follower-status.ts';
import { ProjectionRunner } from './projection-runner.ts';

const retry = { baseMs: 1, capMs: 2 };

describe('a projection runner', () => {
  test('builds what the events amount to one at a time, each once, whatever fails before or after it is done', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.infiniteStream(fc.nat(3)), fc.integer({ min: 1, max: 9 }), async (moves, dice, pageSize) => {
        const eventStore = new InMemoryEventStore();
        const readModels = new InMemoryReadModelStore();
        const faulty = withFaults<ReadModelStore>(readModels, ['prepare', 'checkpoint', 'apply'], () => dice.next().value === 0);
        await using runner = await running({ eventStore, readModels: faulty, projection: ledger, pageSize, retry });
        await appendAll(eventStore, moves);
        await expect.poll(() => runner.status(), { interval: 1, timeout: 5_000 }).toMatchObject({ state: 'running', lag: 0 });
        expect(await rowsOf(readModels)).toEqual(await foldedLog(eventStore));
      }),
      { numRuns: 60 },
    );
  });

  test('shares the work with others on the same projection: each batch is applied once', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerMoves, async (moves) => {
        const eventStore = new InMemoryEventStore();
        const readModels = new InMemoryReadModelStore();
        await using _one = await running({ eventStore, readModels, projection: ledger, pageSize: 3, retry });
        await using _two = await running({ eventStore, readModels, projection: ledger, pageSize: 2, retry });
        await appendAll(eventStore, moves);
        await caughtUp(readModels, moves.length);
        expect(await rowsOf(readModels)).toEqual(await foldedLog(eventStore));
      }),
      { numRuns: 30 },
    );
  });

  test('moves on over events it does not know', async () => {
    const eventStore = new InMemoryEventStore();
    const readModels = new InMemoryReadModelStore();
    await using runner = await running({ eventStore, readModels, projection: ledger });
    await appendAll(eventStore, [{ type: 'SomethingElse', data: {} }]);
    await caughtUp(readModels, 1);
    expect(await runner.status()).toMatchObject({ name: 'contract-ledger', state: 'running', position: 1, lag: 0 });
  });

  test('stalls at an event it cannot fold, says why, and goes on when it can', async () => {
    const eventStore = new InMemoryEventStore();
    const readModels = new InMemoryReadModelStore();
    const seen: FollowerStatus[] = [];
    let broken = true;
    const projection = failing(ledger, () => broken);
    await using runner = await running({ eventStore, readModels, projection, retry, onStatus: (status) => seen.push(status) });
    await appendAll(eventStore, [{ type: 'Deposited', data: { account: 'ann', amount: 1 } }]);
    await expect.poll(async () => (await runner.status()).state).toBe('stalled');
    expect(await runner.status()).toMatchObject({ position: 0, lag: 1, error: { message: expect.stringMatching(/event 1 \(Deposited/) } });
    expect(await readModels.checkpoint(projection)).toBe(0);
    broken = false;
    await expect.poll(async () => (await runner.status()).state).toBe('running');
    expect(await runner.status()).toMatchObject({ position: 1, lag: 0 });
    expect((await runner.status()).error).toBeUndefined();
    expect(seen.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1])).toEqual(['running', 'stalled', 'running']);
  });

  test('starts while its database is away, and catches up when it is back', async () => {
    const eventStore = new InMemoryEventStore();
    const readModels = new InMemoryReadModelStore();
    let away = true;
    const absent = withFaults<ReadModelStore>(readModels, ['prepare'], () => away);
    await using runner = await running({ eventStore, readModels: absent, projection: ledger, retry });
    expect(await runner.status()).toMatchObject({ state: 'stalled', error: { code: 'DatabaseUnavailable' } });
    away = false;
    await expect.poll(async () => (await runner.status()).state).toBe('running');
  });

  test('does not start on a definition that cannot work', async () => {
    const readModels = new InMemoryReadModelStore();
    readModels.prepare = async () => {
      throw new KirokuError('DefinitionInvalid', 'no');
    };
    const runner = new ProjectionRunner({ eventStore: new InMemoryEventStore(), readModels, projection: ledger });
    await expect(runner.start()).rejects.toMatchObject({ code: 'DefinitionInvalid' });
  });

  test('does not start on a checkpoint beyond the end of the log', async () => {
    const eventStore = new InMemoryEventStore();
    const readModels = new InMemoryReadModelStore();
    const { log } = await eventStore.head();
    await readModels.prepare(ledger, log);
    await readModels.apply({ projection: ledger, after: 0, position: 9, log, touched: {}, fold: () => [] });
    const runner = new ProjectionRunner({ eventStore, readModels, projection: ledger });
    await expect(runner.start()).rejects.toMatchObject({ code: 'LogMismatch', details: { checkpoint: 9, head: 0 } });
  });

  test('stops, and can be started again', async () => {
    const eventStore = new InMemoryEventStore();
    const readModels = new InMemoryReadModelStore();
    const runner = await running({ eventStore, readModels, projection: ledger });
    await runner.stop();
    await appendAll(eventStore, [{ type: 'SomethingElse', data: {} }]);
    expect(await runner.status()).toMatchObject({ state: 'stopped', position: 0, lag: 1 });
    await runner.start();
    await caughtUp(readModels, 1);
    await runner.stop();
  });
});

async function running(options: ConstructorParameters<typeof ProjectionRunner>[0]): Promise<ProjectionRunner> {
  const runner = new ProjectionRunner(options);
  await runner.start();
  return runner;
}

type Moves = Parameters<typeof foldOneByOne>[1] extends readonly (infer E)[]
  ? readonly Pick<E, Extract<keyof E, 'type' | 'data'>>[]
  : never;

async function appendAll(eventStore: InMemoryEventStore, moves: Moves): Promise<void> {
  for (const event of moves) await eventStore.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events: [event] }] });
}

async function caughtUp(readModels: InMemoryReadModelStore, position: number): Promise<void> {
  await expect.poll(() => readModels.checkpoint(ledger), { interval: 1, timeout: 5_000 }).toBe(position);
}

async function rowsOf(readModels: InMemoryReadModelStore): Promise<object> {
  return { account: await sorted(readModels, 'account'), day: await sorted(readModels, 'day') };
}

async function sorted(readModels: InMemoryReadModelStore, table: string): Promise<readonly object[]> {
  return inOrder(await readModels.rows(ledger, table));
}

async function foldedLog(eventStore: InMemoryEventStore): Promise<object> {
  const { events } = await eventStore.readLog();
  const folded = foldOneByOne(ledger, events);
  return { account: inOrder(folded.account ?? []), day: inOrder(folded.day ?? []) };
}

function inOrder(rows: readonly object[]): readonly object[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The same projection, but its folds fail while `broken` says so. */
function failing(projection: Projection, broken: () => boolean): Projection {
  const tables = Object.entries(projection.tables).map(([name, table]) => {
    const fold: typeof table.fold = (row, event, key) => {
      if (broken()) throw new Error('the fold failed');
      return table.fold(row, event, key);
    };
    return [name, { ...table, fold }] as const;
  });
  return { ...projection, tables: Object.fromEntries(tables) };
}
