import { KirokuError, type ParkedEvent, type Projection } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import type { PartitionStatus } from './partition-follower.ts';
import { appendAll, caughtUp, deposit, foldedLog, leaseMs, rowsOf, stores, working } from './projection-worker.test-service.ts';
import { retryParkedKey } from './retry-parked-key.ts';

describe('a projection worker', () => {
  test('parks the key of an event it cannot fold, and goes on with the others', async () => {
    const given = stores();
    let broken = true;
    const projection = failing(ledger, () => broken);
    const told: unknown[] = [];
    const onParked = (name: string, { position, keyText, fault }: ParkedEvent) => told.push([name, keyText, position, fault?.message]);
    await using _worker = await working({ ...given, projections: [projection], onParked });
    await appendAll(given.eventStore, [deposit('ann'), deposit('bob'), deposit('ann')]);
    await caughtUp(given, projection, 3);
    expect(told).toEqual([[ledger.name, 'ann', 1, 'the fold failed']]);
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
});

/** The same projection, but its folds of ann's account fail while `broken` says so. */
function failing(projection: Projection, broken: (position: number) => boolean): Projection {
  const { account, ...others } = projection.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    if (key.id === 'ann' && broken(event.position)) throw new Error('the fold failed');
    return account.fold(row, event, key);
  };
  return { ...projection, tables: { ...others, account: { ...account, fold } } };
}

/** The same projection, but at such positions the keys of its event cannot be told. */
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
