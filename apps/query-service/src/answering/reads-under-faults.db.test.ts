import { ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { ledger, throwAwayDatabase } from '@kiroku/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QueryDatabase } from './query-database.ts';
import type { ReadSnapshot } from './read-snapshot.ts';
import { Snapshots } from './snapshots.ts';

const unheard: unknown[] = [];
const hear = (fault: unknown) => unheard.push(fault);
beforeEach(() => process.on('unhandledRejection', hear));
afterEach(() => process.off('unhandledRejection', hear));

const balances = async (snapshot: ReadSnapshot) => snapshot.tables(ledger).selectFrom('account').select(['id', 'balance']).execute();

test('reads that fail, or whose connection is killed, leave no transaction open, no connection taken and no answer unheard', async () => {
  await using given = await readModel();
  const refuse = (): never => {
    throw new Error('refused');
  };
  const missing = (snapshot: ReadSnapshot) => {
    const db = snapshot.tables(ledger);
    return Promise.all([1, 2].map((n) => sql`select * from nowhere where a = ${n}`.execute(db)));
  };
  const slow = async (snapshot: ReadSnapshot) => {
    const db = snapshot.tables(ledger);
    await sql`set local statement_timeout = 20`.execute(db);
    return await sql`select pg_sleep(1)`.execute(db);
  };
  for (let round = 0; round < 10; round++) {
    const reading = Array.from({ length: 12 }, (_, n) =>
      given.snapshots.read<unknown>([ledger], [balances, refuse, missing, slow][n % 4] ?? balances),
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

test('the fault of a read is told, though others of the same snapshot are refused for it', async () => {
  await using given = await readModel();
  await given.snapshots.read([ledger], balances);
  const gone = async (snapshot: ReadSnapshot) => sql`select * from nowhere where a = ${1}`.execute(snapshot.tables(ledger));
  await expect(given.snapshots.read([ledger], gone)).rejects.toMatchObject({ code: 'SchemaTooOld' });
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
  const reads = createPool({ url: rows.serviceUrl, applicationName: 'reading', max: 3, pipeline: true, plansOnce: true });
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
