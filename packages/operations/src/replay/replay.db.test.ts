import { randomUUID } from 'node:crypto';
import { defineSqlProjection, type Projection, type RecordedEvent, type Row, type RowKey, rowKeyText, type Table } from '@kiroku/core';
import { foldLog, MemoryFold, rowPages } from '@kiroku/engine';
import { createPool, migrate, PostgresMoments, type RowDifference } from '@kiroku/postgres';
import { foldOneByOne, InMemoryKeyStore, ledger, ledgerEvents, ledgerMoves, throwAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffMoments } from './diff-moments.ts';
import { planReplay, type ReplayChoice } from './plan-replay.ts';
import { type ReplayArguments, type ReplayReport, replayJob } from './replay-job.ts';
import { openReplayStores, type ReplayStores } from './replay-stores.ts';

/** Event store and query_db, and what verbs need of them. */
async function databases(projections: readonly Projection[] = [ledger]) {
  const open = { application: { name: 'test', aggregates: [], projections, processManagers: [] }, keys: new InMemoryKeyStore() };
  const [log, rows] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('query_db', migrate)]);
  const urls = { event_store: log.serviceUrl, query_db: rows.serviceUrl };
  const stores = openReplayStores(urls, open);
  const pool = createPool({ url: rows.serviceUrl, applicationName: 'test', max: 1 });
  const runPlan = (wanted: ReplayArguments, id = randomUUID()): Promise<ReplayReport> =>
    replayJob(urls, open).run({
      id,
      arguments: wanted,
      epoch: 1,
      cursor: undefined,
      signal: new AbortController().signal,
      report: () => undefined,
      saved: () => Promise.resolve(),
      log: () => undefined,
    });
  return {
    stores,
    pool,
    run: async (choice: ReplayChoice) => runPlan((await planReplay(stores, choice)).arguments),
    runPlan,
    rows: async (schema: string, table: string) => (await pool.query<Record<string, unknown>>(`select * from "${schema}"."${table}"`)).rows,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([stores[Symbol.asyncDispose](), pool.end()]);
      await Promise.all([log[Symbol.asyncDispose](), rows[Symbol.asyncDispose]()]);
    },
  };
}

type Databases = Awaited<ReturnType<typeof databases>>;

async function append(stores: ReplayStores, moves: readonly { readonly type: string; readonly data: object }[]): Promise<void> {
  for (const { type, data } of moves)
    await stores.events.append({ streams: [{ stream: 'account-1', expectedVersion: 'any', events: [{ type, data: { ...data } }] }] });
}

const oneJob = randomUUID();
const deposit = (account: string, amount: number) => ({ type: 'Deposited', data: { account, amount } });

function byKey(projection: Projection, table: string, rows: Iterable<object>): unknown {
  const declared = projection.tables[table];
  return declared && Object.fromEntries([...rows].map((row) => [rowKeyText(declared, { ...row }), row]));
}

describe('a moment', () => {
  test('has the rows that the events up to it amount to, in whatever passes they were folded', async () => {
    await using given = await databases();
    let from = 0;
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.nat(60), fc.constantFrom(1, 2 ** 30), async (moves, back, memoryBytes) => {
        await append(given.stores, [deposit('ann', 1), ...moves]);
        const { events, position: head } = await given.stores.events.readLog({ pageSize: 10_000 });
        const until = Math.max(from + 1, head - back);
        from = head;
        const { moment, projections } = await given.run({ until, into: `m${until}`, memoryBytes });
        expect([moment, projections[0]?.parkedKeys]).toEqual([`m${until}`, 0]);
        const expected = foldOneByOne(
          ledger,
          events.filter(({ position }) => position <= until),
        );
        for (const table of Object.keys(ledger.tables)) {
          const rows = await given.rows(`m${until}_contract_ledger_v1`, table);
          expect(byKey(ledger, table, rows)).toEqual(byKey(ledger, table, expected[table]?.values() ?? []));
        }
      }),
      { numRuns: 20 },
    );
  });

  test('of more keys than the memory holds is folded in several passes', async () => {
    await using given = await databases();
    const accounts = Array.from({ length: 10_000 }, (_, n) => `account ${n}`).sort();
    for (let n = 0; n < accounts.length; n += 5_000) {
      const events = accounts.slice(n, n + 5_000).map((account) => deposit(account, 1));
      await given.stores.events.append({ streams: [{ stream: 'account-1', expectedVersion: 'any', events }] });
    }
    const whole = new MemoryFold({ projection: ledger });
    await foldLog({ eventStore: given.stores.events, folds: [whole], until: 10_000 });
    for (const part of [0.4, 0.6]) {
      const into = `part_${part * 10}`;
      await given.run({ until: 10_000, into, memoryBytes: part * whole.bytes });
      const rows = await given.rows(`${into}_contract_ledger_v1`, 'account');
      expect(rows.map(({ id }) => id).sort()).toEqual(accounts);
    }
  });
});

describe('a replay', () => {
  let given: Databases;
  beforeAll(async () => {
    given = await databases();
    await append(given.stores, [
      deposit('ann', 5),
      deposit('bob', 7),
      deposit('ann', 1),
      { type: 'AccountClosed', data: { account: 'bob' } },
    ]);
    await given.run({ until: 2 });
  });
  afterAll(() => given[Symbol.asyncDispose]());

  test('until a time is one until the last event recorded by then', async () => {
    const { events } = await given.stores.events.readLog();
    const plan = await planReplay(given.stores, { until: `${events[2]?.recordedAt}`, into: 'then' });
    expect(plan).toMatchObject({
      arguments: { moment: { name: 'then', position: 3, recordedAt: events[2]?.recordedAt } },
      schemas: ['then_contract_ledger_v1'],
    });
  });

  test.each<[string, ReplayChoice, string, RegExp]>([
    ['beyond the head', { until: 5 }, 'BadRequest', /positions 1 to 4/],
    ['at position 0', { until: 0 }, 'BadRequest', /positions 1 to 4/],
    ['before the first event', { until: '2001-01-01' }, 'BadRequest', /before the first event/],
    ['of an unknown projection', { until: 2, names: ['contract-leger'] }, 'NotFound', /contract-ledger/],
    ['that is there', { until: 2 }, 'MomentExists', /--replace/],
    ['into the name of another position', { until: 3, into: 'at_2' }, 'BadRequest', /at_3/],
    ['into another writing of its position', { until: 3, into: 'at_03' }, 'BadRequest', /at_3/],
    ['into what the read models of now are called', { until: 3, into: 'live' }, 'BadRequest', /queries read now/],
    ['until a time that has not come', { until: '9999-12-31' }, 'BadRequest', /not come yet/],
    ['into a name with a hyphen', { until: 3, into: 'year-end' }, 'BadRequest', /small letters/],
    ['into a name of the system', { until: 3, into: 'pg_x' }, 'BadRequest', /pg_/],
    ['into a name that is too long', { until: 3, into: 'x'.repeat(50) }, 'BadRequest', /at most 44/],
  ])('%s is refused, and leaves nothing', async (_, choice, code, message) => {
    await expect(planReplay(given.stores, choice)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect((await given.stores.moments.moments()).map(({ name }) => name)).toEqual(['at_2']);
  });

  test('into a moment of another position is refused', async () => {
    await given.run({ until: 2, into: 'noon' });
    await expect(planReplay(given.stores, { until: 3, into: 'noon' })).rejects.toMatchObject({
      code: 'MomentExists',
      message: expect.stringContaining('position 2'),
    });
    await given.stores.moments.drop('noon');
  });

  test('of a projection with SQL of its own is refused; without names it is left out', async () => {
    const sold = defineSqlProjection({ name: 'sold', version: 1, events: ledgerEvents, schema: [], apply: async () => {} });
    const stores = { ...given.stores, application: { projections: [ledger, sold] } };
    await expect(planReplay(stores, { until: 3, names: ['sold'] })).rejects.toMatchObject({ code: 'ProjectionUnsupported' });
    expect((await planReplay(stores, { until: 3 })).arguments.projections).toEqual([{ name: 'contract-ledger', version: 1 }]);
  });

  test('into a schema that is no moment’s is refused', async () => {
    await given.pool.query('create schema mine_contract_ledger_v1');
    await expect(planReplay(given.stores, { until: 2, into: 'mine' })).rejects.toMatchObject({ code: 'MomentExists' });
    await given.pool.query('drop schema mine_contract_ledger_v1');
  });

  test('of the same moment builds it anew if that is asked for', async () => {
    await given.pool.query('delete from at_2_contract_ledger_v1.account');
    await given.run({ until: 2, replace: true });
    expect(await given.rows('at_2_contract_ledger_v1', 'account')).toHaveLength(2);
  });

  test('that is taken up keeps what it has built, and begins what it has not anew', async () => {
    const plan = await planReplay(given.stores, { until: 3, into: 'half' });
    await given.stores.moments.begin({ ...plan.arguments, projections: [ledger], job: oneJob, epoch: 1 });
    const fold = new MemoryFold({ projection: ledger });
    await foldLog({ eventStore: given.stores.events, folds: [fold], until: 2 });
    for (const { name, rows } of fold.tables)
      await given.stores.moments.load({ ...plan.arguments, projection: ledger, job: oneJob, epoch: 1 }, name, rowPages(rows.values()));
    await given.runPlan(plan.arguments, oneJob);
    await given.pool.query(`update half_contract_ledger_v1.account set last_note = 'seen' where id = 'ann'`);
    await given.runPlan(plan.arguments, oneJob);
    expect((await given.rows('half_contract_ledger_v1', 'account')).map(({ id, balance, last_note }) => [id, balance, last_note])).toEqual(
      expect.arrayContaining([
        ['ann', 6, 'seen'],
        ['bob', 7, null],
      ]),
    );
    await given.stores.moments.drop('half');
  });

  test('that another has taken over does not say that it is done', async () => {
    const plan = await planReplay(given.stores, { until: 3, into: 'taken' });
    await given.stores.moments.begin({ ...plan.arguments, projections: [ledger], job: oneJob, epoch: 1 });
    const other = await planReplay(given.stores, { until: 3, into: 'taken', replace: true });
    await given.stores.moments.begin({ ...other.arguments, projections: [ledger], job: randomUUID(), epoch: 1 });
    const target = { ...plan.arguments, projection: ledger, job: oneJob, epoch: 1 };
    await expect(given.stores.moments.finish(target, { parkedKeys: 0 })).rejects.toMatchObject({ code: 'MomentExists' });
    await given.stores.moments.drop('taken');
  });

  test('of a paused process that goes on after another has taken its job over writes nothing', async () => {
    const { arguments: wanted } = await planReplay(given.stores, { until: 3, into: 'fenced' });
    const { moments } = given.stores;
    const earlier = { ...wanted, projection: ledger, job: oneJob, epoch: 1 };
    const later = { ...earlier, epoch: 2 };
    await moments.begin({ ...earlier, projections: [ledger] });
    await moments.begin({ ...later, projections: [ledger] });
    const rows = async function* () {
      yield [{ id: 'wrong', balance: 1, entries: 1 }];
    };
    for (const write of [
      () => moments.begin({ ...earlier, projections: [ledger], replace: true }),
      () => moments.load(earlier, 'account', rows()),
      () => moments.finish(earlier, { parkedKeys: 0 }),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: 'JobLost' });
    }
    await moments.finish(later, { parkedKeys: 0 });
    expect(await given.rows('fenced_contract_ledger_v1', 'account')).toEqual([]);
    await moments.drop('fenced');
  });

  test('is refused by a log that is not the one it was planned on', async () => {
    const { arguments: wanted } = await planReplay(given.stores, { until: 3 });
    const restored = { ...wanted.moment, log: { ...wanted.moment.log, timeline: 2 } };
    await expect(given.runPlan({ ...wanted, moment: restored })).rejects.toMatchObject({ code: 'LogMismatch' });
  });

  test('is readable for operators, and dropped with all its schemas', async () => {
    await given.run({ until: 4, into: 'gone' });
    const { rows } = await given.pool.query(
      `select has_table_privilege('kiroku_maintenance', 'gone_contract_ledger_v1.account', 'select') as readable`,
    );
    expect(rows).toEqual([{ readable: true }]);
    await given.stores.moments.drop('gone');
    expect((await given.pool.query(`select from pg_namespace where nspname like 'gone%'`)).rowCount).toBe(0);
    await expect(given.stores.moments.drop('gone')).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('counts the keys that it could not fold to the end', async () => {
    const account = { ...(ledger.tables.account as Table), fold: failAt(3) };
    await using broken = await databases([{ ...ledger, tables: { ...ledger.tables, account } }]);
    await append(broken.stores, [deposit('ann', 5), deposit('bob', 7), deposit('ann', 1)]);
    expect(await broken.run({ until: 3 })).toMatchObject({ projections: [{ parkedKeys: 1 }] });
    const rows = await broken.rows('at_3_contract_ledger_v1', 'account');
    expect(rows.map(({ id, balance }) => [id, balance])).toEqual([
      ['ann', 5],
      ['bob', 7],
    ]);
  });
});

function failAt(position: number) {
  const account = ledger.tables.account as Table; // it is declared
  return (row: Row | undefined, event: RecordedEvent, key: RowKey) => {
    if (event.position === position) throw new Error('broken');
    return account.fold(row, event, key);
  };
}

describe('the difference of two moments', () => {
  let given: Databases;
  beforeAll(async () => {
    given = await databases();
    await append(given.stores, [deposit('ann', 5), deposit('bob', 7), deposit('cid', 1)]);
    await given.run({ until: 3, into: 'before' });
    await append(given.stores, [deposit('ann', 1), { type: 'AccountClosed', data: { account: 'bob' } }, deposit('dan', 2)]);
    await given.run({ until: 6, into: 'after' });
  });
  afterAll(() => given[Symbol.asyncDispose]());

  async function differences(before: string, after: string, names: readonly string[] = []) {
    const found: RowDifference[] = [];
    const tables = await diffMoments(given.stores, { before, after, names, onDifferences: (page) => void found.push(...page) });
    return { tables, found };
  }

  test('is rows added, removed and changed, with their fields', async () => {
    const { tables, found } = await differences('before', 'after');
    expect(tables[0]).toEqual({ projection: 'contract-ledger', table: 'account', added: 1, removed: 1, changed: 1 });
    const accounts = found.filter(({ table }) => table === 'account');
    expect(accounts.map(({ kind, key }) => [kind, key])).toEqual([
      ['changed', { id: 'ann' }],
      ['removed', { id: 'bob' }],
      ['added', { id: 'dan' }],
    ]);
    expect(Object.keys(accounts[0]?.fields ?? {})).toEqual(['balance', 'entries']);
    expect(accounts[0]?.fields.balance).toEqual({ before: 5, after: 6 });
    expect(accounts[1]?.fields.balance).toEqual({ before: 7 });
    expect(accounts[2]?.fields.balance).toEqual({ after: 2 });
  });

  test('of a moment with itself is nothing', async () => {
    const { tables, found } = await differences('after', 'after');
    expect([found, tables.map(({ added, removed, changed }) => added + removed + changed)]).toEqual([[], [0, 0]]);
  });

  test('of more rows than a page is complete', async () => {
    const events = Array.from({ length: 1_200 }, (_, n) => deposit(`many ${n}`, 1));
    await given.stores.events.append({ streams: [{ stream: 'account-1', expectedVersion: 'any', events }] });
    await given.run({ until: 1_206, into: 'many' });
    const { found } = await differences('after', 'many');
    expect(found.filter(({ table, kind }) => table === 'account' && kind === 'added')).toHaveLength(1_200);
  });

  test.each([
    ['before', 'nowhere', 'NotFound'],
    ['before', 'live', 'MomentNotBuilt'],
    ['live', 'live', 'BadRequest'],
  ])('of %s and %s is refused: %s', async (before, after, code) => {
    await expect(differences(before, after)).rejects.toMatchObject({ code });
  });
});

test('moments are found by position or name only if all that is asked for is built, from the same log', async () => {
  await using given = await databases();
  await append(given.stores, [deposit('ann', 5), deposit('bob', 7)]);
  const { log } = await given.stores.events.head();
  const plan = await planReplay(given.stores, { until: 2 });
  const moments = new PostgresMoments({ pool: given.pool });
  await moments.begin({ ...plan.arguments, projections: [ledger], job: oneJob, epoch: 1 });
  expect(await moments.findBuilt(log, { position: 2 }, [ledger])).toBeUndefined();
  await given.runPlan(plan.arguments, oneJob);
  const found = { name: 'at_2', position: 2, schemas: ['at_2_contract_ledger_v1'], builtAt: [expect.any(String)] };
  expect(await moments.findBuilt(log, { position: 2 }, [ledger])).toEqual(found);
  expect(await moments.findBuilt(log, { name: 'at_2' }, [ledger])).toEqual(found);
  expect(await moments.findBuilt(log, { position: 1 }, [ledger])).toBeUndefined();
  expect(await moments.findBuilt(log, { position: 2 }, [ledger, { name: 'other', version: 1 }])).toBeUndefined();
  expect(await moments.findBuilt({ ...log, timeline: 2 }, { position: 2 }, [ledger])).toBeUndefined();
});
