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

const of = (statement: (tables: ReadTables) => RawBuilder<unknown>) => ({
  statement: readStatement({ statement, result: (rows) => rows }),
  params: undefined,
});
const balances = {
  statement: readStatement({
    statement: (tables) => tables.of(ledger).selectFrom('account').select(['id', 'balance']),
    result: (rows) => rows.map(({ id, balance }) => ({ id, balance })),
  }),
  params: undefined,
};
const refused = of(() => {
  throw new Error('refused');
});
const missing = of(() => sql`(select * from nowhere)`);
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
  return {
    snapshots: new Snapshots(new QueryDatabase(reads)),
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
