import { ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { ledger, throwAwayDatabase } from '@kiroku/testing';
import { type RawBuilder, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QueryDatabase } from './query-database.ts';
import { readStatement } from './read-statement.ts';
import type { ReadTables } from './read-tables.ts';
import { Snapshots } from './snapshots.ts';

const unheard: unknown[] = [];
const hear = (fault: unknown) => unheard.push(fault);
beforeEach(() => process.on('unhandledRejection', hear));
afterEach(() => process.off('unhandledRejection', hear));

const of = (statement: (tables: ReadTables) => RawBuilder<unknown>, isQuick = false) => ({
  statement: readStatement({ isQuick: () => isQuick, statement, result: (rows) => rows }),
  params: undefined,
});
const balances = {
  statement: readStatement({
    isQuick: () => true,
    statement: (tables) => tables.of(ledger).selectFrom('account').select(['id', 'balance']),
    result: (rows) => rows.map(({ id, balance }) => ({ id, balance })),
  }),
  params: undefined,
};
const refused = of(() => {
  throw new Error('refused');
});
const missing = of(() => sql`(select * from nowhere)`, true);
const slow = of(() => sql`(select pg_sleep(0.2))`);

test('reads that fail, or whose connection is killed, leave no connection taken and no answer unheard', async () => {
  await using given = await readModel();
  for (let round = 0; round < 10; round++) {
    const reading = Array.from({ length: 12 }, (_, n) =>
      given.snapshots.read<unknown, unknown>([ledger], [balances, refused, missing, slow][n % 4] ?? balances),
    );
    const settled = Promise.allSettled(reading);
    if (round % 2 === 1) await new Promise(setImmediate);
    if (round > 2) await given.killReaders();
    await settled;
  }
  await expect
    .poll(() => given.snapshots.read([ledger], balances).catch(() => undefined))
    .toMatchObject({ position: 1, result: [{ id: 'a-1' }, { id: 'a-2' }] });
  await expect.poll(() => given.states()).toEqual(['idle']);
  expect(unheard).toEqual([]);
});

test('a read whose table is gone says so', async () => {
  await using given = await readModel();
  await given.snapshots.read([ledger], balances);
  await expect(given.snapshots.read([ledger], missing)).rejects.toMatchObject({ code: 'SchemaTooOld' });
});

test('a read goes on when the tables it looked for are dropped twice in a row', async () => {
  await using given = await readModel();
  await given.dropTablesTwice();
  const reading = of(() => sql`(select unless_dropped() as found)`);
  expect(await given.snapshots.read([ledger], reading)).toMatchObject({ result: [{ found: true }] });
});

test('a database that is away is said to be, also to who reads first', async () => {
  const pool = createPool({ url: 'postgres://127.0.0.1:1/query_db', applicationName: 'reading', max: 1 });
  const snapshots = new Snapshots(new QueryDatabase(pool));
  await expect(snapshots.read([ledger], balances)).rejects.toMatchObject({ code: 'DatabaseUnavailable', status: 503 });
  await pool.end();
});

test('statements are planned again for other builds, however many there were for those before', async () => {
  await using given = await readModel();
  for (let n = 0; n < 500; n++) given.db.planned(sql`select ${sql.lit(n)}`);
  expect(given.db.planned(sql`select 500`).name).toBeUndefined();
  const planned = of(() => sql`(select count(*)::int as statements from pg_prepared_statements)`);
  expect(await given.snapshots.read([ledger], planned)).toMatchObject({ result: [{ statements: 1 }] });
});

test('a connection for reading, and what was prepared on it, is given up after its lifetime', async () => {
  await using rows = await throwAwayDatabase('query_db', migrate);
  const pool = createPool({ url: rows.serviceUrl, applicationName: 'reading', max: 1, lifetimeSeconds: 1 });
  const connection = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0]?.pid;
  const first = await connection();
  await expect.poll(connection, { timeout: 5_000 }).not.toBe(first);
  await pool.end();
});

test('values are put to a statement of their shape, and a read that finds nothing says how far it looked', async () => {
  await using given = await readModel();
  const account = readStatement({
    shape: ({ above }: { readonly id: string; readonly above?: number }) => ({ isBounded: above !== undefined }),
    statement: (tables, value, { isBounded }) =>
      tables
        .of(ledger)
        .selectFrom('account')
        .where(
          'id',
          '=',
          value(({ id }) => id),
        )
        .$if(isBounded, (query) =>
          query.where(
            'balance',
            '>',
            value(({ above }) => above ?? 0),
          ),
        )
        .select(['id', 'balance']),
    result: (rows) => rows.map(({ id, balance }) => [id, balance]),
  });
  const read = (id: string, above?: number) =>
    given.snapshots.read([ledger], { statement: account, params: { id, ...(above !== undefined && { above }) } });
  for (const [id, above, result] of [
    ['a-2', undefined, [['a-2', 1]]],
    ['a-1', undefined, [['a-1', -1]]],
    ['a-1', 0, []],
    ['a-2', 0, [['a-2', 1]]],
    ['nobody', undefined, []],
  ] as const) {
    expect(await read(id, above)).toEqual({ position: 1, result });
  }
});

async function readModel() {
  const log = await throwAwayDatabase('event_store', migrate);
  const rows = await throwAwayDatabase('query_db', migrate);
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const pool = createPool({ url: rows.serviceUrl, applicationName: 'projecting' });
  const readModels = new PostgresReadModelStore({ pool });
  await eventStore.append({
    streams: [
      { stream: 'ledger-1', expectedVersion: 'any', events: [{ type: 'Transferred', data: { account: 'a-1', to: 'a-2', amount: 1 } }] },
    ],
  });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [ledger], instance: 'worker' });
  await worker.start();
  await expect.poll(() => readModels.checkpoint(ledger), { timeout: 20_000 }).toBe(1);
  await worker.stop();
  const reads = createPool({ url: rows.serviceUrl, applicationName: 'reading', max: 3, plansOnce: true });
  const admin = createPool({ url: rows.url, applicationName: 'admin', max: 1 });
  const readers = "from pg_stat_activity where application_name = 'reading' and datname = current_database()";
  const db = new QueryDatabase(reads);
  return {
    db,
    snapshots: new Snapshots(db),
    // as if a build were switched and dropped each time between the look and the read
    dropTablesTwice: () =>
      admin.query(`
        create sequence drops;
        create function unless_dropped() returns boolean language plpgsql security definer as
          $$ begin if nextval('public.drops') <= 2 then raise undefined_table; end if; return true; end $$`),
    killReaders: () => admin.query(`select pg_terminate_backend(pid) ${readers}`),
    states: async () => {
      const { rows: found } = await admin.query(`select distinct state ${readers}`);
      return found.map(({ state }) => state);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([reads.end(), pool.end(), admin.end(), eventStore.stop()]);
      await Promise.all([log, rows].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
