import type { Projection } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore, projectionSchema } from '@kiroku/postgres';
import { foldOneByOne, ledger, ledgerMoves, throwAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CheckpointWatch } from '../wait-for-position/checkpoint-watch.ts';
import { ProjectionWorker } from './projection-worker.ts';

const inParts = { ...ledger, partitions: 3 };

test('two instances and connections that are killed on the way build what the events amount to one at a time', async () => {
  await using given = await twoInstances();
  const killing = setInterval(() => given.killConnections(), 40);
  for (const [n, moves] of fc.sample(ledgerMoves, { numRuns: 150, seed: 7 }).entries()) {
    const streams = [{ stream: `ledger-${n}` as const, expectedVersion: 'any' as const, events: moves }];
    if (moves.length > 0) await given.eventStore.append({ streams });
  }
  clearInterval(killing);
  const { events, position } = await given.eventStore.readLog({ pageSize: 10_000 });
  await given.watch.waitFor([ledger], position, { timeoutMs: 60_000 });
  const expected = foldOneByOne(ledger, events);
  expect(await given.rows('account', 'id')).toEqual(inOrder(expected.account, 'id'));
  expect(await given.rows('day', 'account')).toEqual(inOrder(expected.day, 'account'));
  expect(events.length).toBeGreaterThan(500);
});

test('two instances share the partitions, and one that stops hands over without a pause', async () => {
  await using given = await twoInstances();
  await expect.poll(() => given.workers.map((worker) => worker.status().partitions.length).sort()).toEqual([1, 2]);
  await given.workers[0]?.stop();
  await expect.poll(() => given.workers[1]?.status().partitions.length).toBe(3);
});

test('a row that PostgreSQL refuses parks exactly its event', async () => {
  await using given = await twoInstances();
  const { account } = ledger.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    const next = account.fold(row, event, key);
    return next && { ...next, opened_on: Number(next.balance) === 3 ? '2026-02-30' : next.opened_on };
  };
  const projection = { ...ledger, name: 'refused-rows', tables: { ...ledger.tables, account: { ...account, fold } } };
  const deposit = (name: string) => ({ type: 'Deposited', data: { account: name, amount: 1 } });
  const events = ['ann', 'ann', 'bob', 'ann', 'ann', 'bob'].map(deposit);
  const { position } = await given.eventStore.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events }] });
  const { eventStore, readModels } = given;
  await using worker = new ProjectionWorker({ eventStore, readModels, projections: [projection], instance: 'three' });
  await worker.start();
  await expect.poll(() => readModels.checkpoint(projection)).toBe(position);
  const rows = await given.rows('account', 'id', projection);
  expect(rows.map(({ id, balance }) => [id, balance])).toEqual([
    ['ann', 2],
    ['bob', 2],
  ]);
  const parked = await readModels.parked({ projection, build: 1, table: 'account', keyText: 'ann' });
  expect(parked).toMatchObject({ positions: [4, 5], fault: { code: 'RowInvalid', message: expect.stringContaining('2026-02-30') } });
});

test('a reader of its own write hears of it, and does not wait for the next poll', async () => {
  await using given = await twoInstances({ pollMs: 3_600_000 });
  const append = { streams: [{ stream: 'ledger-1' as const, expectedVersion: 'any' as const, events: [{ type: 'Other', data: {} }] }] };
  for (let n = 0; n <= 20; n++)
    await given.watch.waitFor([ledger], (await given.eventStore.append(append)).position, { timeoutMs: 60_000 });
});

async function twoInstances({ pollMs = 1_000 } = {}) {
  const log = await throwAwayDatabase('event_store', migrate);
  const query = await throwAwayDatabase('query_db', migrate);
  const superuser = createPool({ url: query.url, applicationName: 'kiroku-tests' });
  const pool = createPool({ url: query.serviceUrl, applicationName: 'kiroku-tests-instance' });
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const readModels = new PostgresReadModelStore({ pool });
  const watch = new CheckpointWatch({ readModels, projections: [inParts], pollMs });
  const options = { eventStore, readModels, projections: [inParts], leaseMs: 300, retry: { baseMs: 5, capMs: 20 } };
  const workers = [
    new ProjectionWorker({ ...options, instance: 'one', pageSize: 7 }),
    new ProjectionWorker({ ...options, instance: 'two', pageSize: 11 }),
  ];
  await Promise.all(workers.map((worker) => worker.start()));
  watch.start();
  return {
    eventStore,
    readModels,
    watch,
    workers,
    rows: async (table: string, order: string, projection: Projection = ledger) =>
      (await pool.query(`select * from ${projectionSchema(projection)}.${table} order by ${order} collate "C"`)).rows,
    killConnections: (): void => {
      const kill = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kiroku-tests-instance' and datname = current_database()`;
      superuser.query(kill).catch(() => undefined); // the test may just have ended
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...workers, watch].map((each) => each.stop()));
      await eventStore.stop();
      await Promise.all([pool.end(), superuser.end()]);
      await Promise.all([log[Symbol.asyncDispose](), query[Symbol.asyncDispose]()]);
    },
  };
}

function inOrder(rows: readonly object[] | undefined, column: string): readonly object[] {
  const key = (row: object): string => String(Reflect.get(row, column));
  return [...(rows ?? [])].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
