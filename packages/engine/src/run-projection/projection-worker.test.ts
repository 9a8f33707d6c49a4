import { KirokuError, type LogIdentity, type Projection, type ReadModelStore } from '@kiroku/core';
import { foldOneByOne, InMemoryEventStore, InMemoryReadModelStore, ledger, ledgerMoves, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartitionStatus } from './partition-follower.ts';
import { ProjectionWorker, type ProjectionWorkerOptions } from './projection-worker.ts';
import { retryParkedKey } from './retry-parked-key.ts';

const retry = { baseMs: 1, capMs: 2 };
const leaseMs = 6; // attends every 2 ms
const inParts = { ...ledger, partitions: 3 };

describe('a projection worker', () => {
  test('builds what the events amount to one at a time, each once, whatever fails before or after it is done', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.infiniteStream(fc.nat(3)), fc.integer({ min: 1, max: 9 }), async (moves, dice, pageSize) => {
        const given = stores();
        const methods = ['prepare', 'attend', 'checkpoints', 'apply'] as const;
        const readModels = withFaults<ReadModelStore>(given.readModels, methods, () => dice.next().value === 0);
        await using _worker = await working({ ...given, readModels, projections: [inParts], pageSize });
        await appendAll(given.eventStore, moves);
        await caughtUp(given, inParts, moves.length);
        expect(await rowsOf(given.readModels, inParts)).toEqual(await foldedLog(given.eventStore));
      }),
      { numRuns: 60 },
    );
  });

  test('shares the work with others, who take over from one that goes silent: each batch is applied once', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.integer({ min: 1, max: 5 }), async (moves, pageSize) => {
        const given = stores();
        const silent = withFaults<ReadModelStore>(given.readModels, ['attend'], () => true);
        const options = { ...given, projections: [inParts], pageSize };
        const one = await working({ ...options, instance: 'one' });
        await using _two = await working({ ...options, instance: 'two' });
        const [before, after] = [moves.slice(0, moves.length / 2), moves.slice(moves.length / 2)];
        await appendAll(given.eventStore, before);
        Object.assign(given.readModels, { attend: attendBy('one', given.readModels, silent) });
        await appendAll(given.eventStore, after);
        await caughtUp(given, inParts, moves.length);
        await one.stop();
        expect(await rowsOf(given.readModels, inParts)).toEqual(await foldedLog(given.eventStore));
      }),
      { numRuns: 30 },
    );
  });

  test('hands over when it stops, to another that goes on at once', async () => {
    const given = stores();
    const one = await working({ ...given, projections: [inParts], instance: 'one' });
    await using two = await working({ ...given, projections: [inParts], instance: 'two' });
    await one.stop();
    expect(one.status()).toMatchObject({ state: 'stopped', partitions: [] });
    await expect.poll(() => two.status().partitions.length).toBe(3);
  });

  test('reads the log once for all of its projections', async () => {
    const given = stores();
    const others = ['b', 'c', 'd'].map((name) => ({ ...ledger, name }));
    let pages = 0;
    const subscribe = given.eventStore.subscribe.bind(given.eventStore);
    given.eventStore.subscribe = async function* (options) {
      for await (const page of subscribe(options)) {
        pages++;
        yield page;
      }
    };
    await using _worker = await working({ ...given, projections: [ledger, ...others] });
    await appendAll(given.eventStore, [{ type: 'Deposited', data: { account: 'ann', amount: 1 } }]);
    for (const each of [ledger, ...others]) await caughtUp(given, each, 1);
    expect(pages).toBe(1);
  });

  test('brings up one that is far behind beside those at the end', async () => {
    const given = stores();
    await using _first = await working({ ...given, projections: [ledger], pageSize: 2, instance: 'one' });
    const moves = Array.from({ length: 57 }, () => ({ type: 'Deposited', data: { account: 'ann', amount: 1 } }));
    await appendAll(given.eventStore, moves);
    await caughtUp(given, ledger, 57);
    const second = { ...ledger, name: 'second' };
    await using _second = await working({ ...given, projections: [second], pageSize: 2, instance: 'two' });
    await appendAll(given.eventStore, moves);
    await caughtUp(given, second, 114);
    expect(await rowsOf(given.readModels, second)).toEqual(await foldedLog(given.eventStore));
  });

  test('moves on over events it does not know', async () => {
    const given = stores();
    await using worker = await working({ ...given, projections: [ledger] });
    await appendAll(given.eventStore, [{ type: 'SomethingElse', data: {} }]);
    await caughtUp(given, ledger, 1);
    await expect.poll(() => worker.status().partitions).toMatchObject([{ name: 'contract-ledger', state: 'running', position: 1 }]);
  });

  test('parks the key of an event it cannot fold, and goes on with the others', async () => {
    const given = stores();
    let broken = true;
    const projection = failing(ledger, () => broken);
    await using _worker = await working({ ...given, projections: [projection] });
    await appendAll(given.eventStore, [deposit('ann'), deposit('bob'), deposit('ann')]);
    await caughtUp(given, projection, 3);
    expect(await given.readModels.rows(projection, 'account')).toMatchObject([{ id: 'bob', balance: 1 }]);
    const parked = { projection, build: 1, table: 'account', keyText: 'ann' };
    expect(await given.readModels.parked(parked)).toMatchObject({ positions: [1, 3], fault: { message: 'the fold failed' } });

    await retryParkedKey({ eventStore: given.eventStore, parkedKeys: given.readModels, parked });
    expect(await given.readModels.parked(parked)).toMatchObject({ positions: [1, 3], attempts: 2 });
    broken = false;
    await retryParkedKey({ eventStore: given.eventStore, parkedKeys: given.readModels, parked });
    expect(await given.readModels.parked(parked)).toBeUndefined();
    expect(await rowsOf(given.readModels, projection)).toEqual(await foldedLog(given.eventStore));
  });

  test('an event whose keys can be told at last takes its place before later events of its rows, also before those that failed for want of it', async () => {
    const given = stores();
    let broken = true;
    const untold = (position: number) => broken && (position === 2 || position === 4);
    const projection = keyless(
      failing(ledger, (position) => broken && position === 6),
      untold,
    );
    await using _worker = await working({ ...given, projections: [projection] });
    await appendAll(
      given.eventStore,
      ['bob', 'ann', 'ann', 'bob', 'ann', 'ann'].map((account) => deposit(account)),
    );
    await caughtUp(given, projection, 6);
    const parked = { projection, build: 1, table: 'account', keyText: 'ann' };
    expect(await given.readModels.parked(parked)).toMatchObject({ positions: [6] });
    broken = false;
    for (const table of ['account', 'day']) {
      for (const keyText of ['#2', '#4']) {
        await retryParkedKey({ eventStore: given.eventStore, parkedKeys: given.readModels, parked: { ...parked, table, keyText } });
        expect(await given.readModels.parked({ ...parked, table, keyText })).toBeUndefined();
      }
    }
    expect(await given.readModels.parked(parked)).toBeUndefined();
    expect(await rowsOf(given.readModels, projection)).toEqual(await foldedLog(given.eventStore));
  });

  test('leaves out the event that fails when an operator skips it', async () => {
    const given = stores();
    const projection = failing(ledger, (position) => position === 1);
    await using _worker = await working({ ...given, projections: [projection] });
    await appendAll(given.eventStore, [deposit('ann'), deposit('ann', 7)]);
    await caughtUp(given, projection, 2);
    const parked = { projection, build: 1, table: 'account', keyText: 'ann' };
    await retryParkedKey({ eventStore: given.eventStore, parkedKeys: given.readModels, parked, skip: true });
    expect(await given.readModels.rows(projection, 'account')).toMatchObject([{ id: 'ann', balance: 7 }]);
  });

  test('parks exactly the event whose row the database refuses', async () => {
    const given = stores();
    const apply = given.readModels.apply.bind(given.readModels);
    given.readModels.apply = (batch) =>
      apply({
        ...batch,
        fold: (stored) => {
          const folded = batch.fold(stored);
          const accounts = folded.changes.find(({ table }) => table === 'account')?.upserts ?? [];
          if (accounts.some(({ id, balance }) => id === 'ann' && Number(balance) > 2))
            throw new KirokuError('RowInvalid', 'refused', { details: { table: 'account', keyText: 'ann' } });
          return folded;
        },
      });
    await appendAll(given.eventStore, [deposit('ann'), deposit('ann'), deposit('bob'), deposit('ann'), deposit('ann'), deposit('bob')]);
    await using _worker = await working({ ...given, projections: [ledger] });
    await caughtUp(given, ledger, 6);
    expect(await given.readModels.rows(ledger, 'account')).toMatchObject([
      { id: 'ann', balance: 2 },
      { id: 'bob', balance: 2 },
    ]);
    const parked = { projection: ledger, build: 1, table: 'account', keyText: 'ann' };
    expect(await given.readModels.parked(parked)).toMatchObject({ positions: [4, 5], fault: { code: 'RowInvalid' } });
  });

  test('stalls at an event of a newer version, says why for everybody to see, and goes on when it can', async () => {
    const given = stores();
    const seen: PartitionStatus[] = [];
    let tooNew = true;
    const upcast: Projection['upcast'] = (event) => {
      if (tooNew) throw new KirokuError('UnknownEvent', 'schema version 2 of Deposited is newer');
      return event;
    };
    const projection = { ...ledger, upcast };
    // a lease that lapsed would begin anew, and be seen
    await using worker = await working({ ...given, projections: [projection], onStatus: (status) => seen.push(status), leaseMs: 60_000 });
    await appendAll(given.eventStore, [deposit('ann')]);
    const stalled = { reason: 'schema version 2 of Deposited is newer', since: expect.any(String) };
    await expect.poll(() => given.readModels.checkpoints(projection)).toMatchObject([{ position: 0, stalled }]);
    expect(worker.status().partitions).toMatchObject([{ state: 'stalled', position: 0, error: { code: 'UnknownEvent' } }]);
    tooNew = false;
    await caughtUp(given, projection, 1);
    await expect.poll(async () => (await given.readModels.checkpoints(projection))[0]?.stalled).toBeUndefined();
    expect(worker.status().partitions[0]?.error).toBeUndefined();
    expect(seen.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1])).toEqual(['running', 'stalled', 'running']);
  });

  test('applies what comes before an event that it cannot read, and stalls right there', async () => {
    const given = stores();
    const upcast: Projection['upcast'] = (event) => {
      if (event.position >= 3) throw new TypeError('not understood');
      return event;
    };
    const projection = { ...ledger, upcast };
    await appendAll(given.eventStore, [deposit('ann'), deposit('bob'), deposit('ann'), deposit('bob')]);
    await using _worker = await working({ ...given, projections: [projection] });
    const stalled = { reason: expect.stringMatching(/^Event 3 \(Deposited\) .*not understood$/), since: expect.any(String) };
    await expect.poll(() => given.readModels.checkpoints(projection)).toMatchObject([{ position: 2, stalled }]);
  });

  test('stalls on a checkpoint beyond the end of the log', async () => {
    const given = stores();
    const { log } = await given.eventStore.head();
    await given.readModels.prepare(ledger, log);
    const [lease] = await given.readModels.attend({ instance: 'before', projections: [ledger], leaseMs });
    if (lease === undefined) throw new Error('it was prepared');
    await given.readModels.apply({ lease, after: 0, position: 9, log, touched: {}, fold: () => ({ changes: [], parks: [] }) });
    await given.readModels.leave('before');
    await using worker = await working({ ...given, projections: [ledger] });
    await expect.poll(() => worker.status().partitions).toMatchObject([{ state: 'stalled', error: { code: 'LogMismatch' } }]);
  });

  test('starts while its database is away, and catches up when it is back', async () => {
    const given = stores();
    let away = true;
    const readModels = withFaults<ReadModelStore>(given.readModels, ['prepare'], () => away);
    await using worker = await working({ ...given, readModels, projections: [ledger] });
    expect(worker.status()).toMatchObject({ partitions: [], error: { code: 'DatabaseUnavailable' } });
    away = false;
    await expect.poll(() => worker.status().partitions).toMatchObject([{ state: 'running' }]);
    expect(worker.status().error).toBeUndefined();
  });

  test('runs the others while one cannot be prepared', async () => {
    const given = stores();
    const other = { ...ledger, name: 'other' };
    let away = true;
    const prepare = async (projection: Projection, log: LogIdentity) => {
      if (away || projection === other) throw new KirokuError(away ? 'DatabaseUnavailable' : 'DefinitionInvalid', projection.name);
      await given.readModels.prepare(projection, log);
    };
    await using worker = await working({ ...given, projections: [ledger, other], prepare });
    away = false;
    await appendAll(given.eventStore, [deposit('ann')]);
    await caughtUp(given, ledger, 1);
    expect(worker.status()).toMatchObject({ partitions: [{ name: 'contract-ledger' }], error: { code: 'DefinitionInvalid' } });
  });

  test('does not start on a definition that cannot work', async () => {
    const given = stores();
    given.readModels.prepare = async () => {
      throw new KirokuError('DefinitionInvalid', 'no');
    };
    await expect(working({ ...given, projections: [ledger] })).rejects.toMatchObject({ code: 'DefinitionInvalid' });
  });

  test('follows a build that becomes ready beside the one that is read, and stops what is paused', async () => {
    const given = stores();
    await using worker = await working({ ...given, projections: [ledger] });
    await appendAll(given.eventStore, [deposit('ann')]);
    await given.readModels.addBuild(ledger, (await given.eventStore.head()).log);
    await expect.poll(async () => (await given.readModels.checkpoints(ledger, 2))[0]?.position).toBe(1);
    expect(await given.readModels.rows(ledger, 'account', 2)).toMatchObject([{ id: 'ann', balance: 1 }]);
    await given.readModels.setPaused(ledger, true);
    await expect.poll(() => worker.status().partitions).toEqual([]);
  });

  test('stops, and can be started again', async () => {
    const given = stores();
    const worker = await working({ ...given, projections: [ledger] });
    await worker.stop();
    await appendAll(given.eventStore, [{ type: 'SomethingElse', data: {} }]);
    expect(await given.readModels.checkpoint(ledger)).toBe(0);
    await worker.start();
    await caughtUp(given, ledger, 1);
    await worker.stop();
  });
});

interface Stores {
  readonly eventStore: InMemoryEventStore;
  readonly readModels: InMemoryReadModelStore;
}

function stores(): Stores {
  return { eventStore: new InMemoryEventStore(), readModels: new InMemoryReadModelStore() };
}

async function working(options: Omit<ProjectionWorkerOptions, 'instance'> & { readonly instance?: string }): Promise<ProjectionWorker> {
  const worker = new ProjectionWorker({ instance: 'one', retry, leaseMs, ...options });
  await worker.start();
  return worker;
}

/** From now on this instance is silent. */
function attendBy(silent: string, alive: ReadModelStore, faulty: ReadModelStore): ReadModelStore['attend'] {
  const attend = alive.attend.bind(alive);
  return (attendance) => (attendance.instance === silent ? faulty.attend(attendance) : attend(attendance));
}

function deposit(account: string, amount = 1) {
  return { type: 'Deposited', data: { account, amount } };
}

type Moves = Parameters<typeof foldOneByOne>[1] extends readonly (infer E)[]
  ? readonly Pick<E, Extract<keyof E, 'type' | 'data'>>[]
  : never;

async function appendAll(eventStore: InMemoryEventStore, moves: Moves): Promise<void> {
  for (const event of moves) await eventStore.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events: [event] }] });
}

async function caughtUp({ readModels }: Stores, projection: Projection, position: number): Promise<void> {
  const reached = async () => ((await readModels.active(projection)) === undefined ? undefined : readModels.checkpoint(projection));
  await expect.poll(reached, { interval: 1, timeout: 15_000 }).toBe(position);
}

async function rowsOf(readModels: InMemoryReadModelStore, projection: Projection): Promise<object> {
  const sorted = async (table: string) => inOrder(await readModels.rows(projection, table));
  return { account: await sorted('account'), day: await sorted('day') };
}

async function foldedLog(eventStore: InMemoryEventStore): Promise<object> {
  const { events } = await eventStore.readLog();
  const folded = foldOneByOne(ledger, events);
  return { account: inOrder(folded.account ?? []), day: inOrder(folded.day ?? []) };
}

function inOrder(rows: readonly object[]): readonly object[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The same projection, but its folds of ann's account fail while `broken` says so. */
/** One of whose events at such positions the keys cannot be told. */
function keyless(projection: Projection, untold: (position: number) => boolean): Projection {
  const tables = Object.entries(projection.tables).map(([name, table]) => {
    const keys: typeof table.keys = (event) => {
      if (untold(event.position)) throw new Error('the keys cannot be told');
      return table.keys(event);
    };
    return [name, { ...table, keys }];
  });
  return { ...projection, tables: Object.fromEntries(tables) };
}

function failing(projection: Projection, broken: (position: number) => boolean): Projection {
  const { account, ...others } = projection.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    if (key.id === 'ann' && broken(event.position)) throw new Error('the fold failed');
    return account.fold(row, event, key);
  };
  return { ...projection, tables: { ...others, account: { ...account, fold } } };
}
