import { createPool, migrate, PostgresEventStore, PostgresReadModelStore, projectionSchema } from '@kiroku/postgres';
import { foldOneByOne, ledger, ledgerMoves, throwAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CheckpointWatch } from '../wait-for-position/checkpoint-watch.ts';
import { ProjectionRunner } from './projection-runner.ts';

test('two instances and connections that are killed on the way build what the events amount to one at a time', async () => {
  await using given = await twoInstances();
  const killing = setInterval(() => given.killConnections(), 40);
  for (const [n, moves] of fc.sample(ledgerMoves, { numRuns: 150, seed: 7 }).entries()) {
    const streams = [{ stream: `ledger-${n}` as const, expectedVersion: 'any' as const, events: moves }];
    if (moves.length > 0) await given.eventStore.append({ streams });
  }
  clearInterval(killing);
  const { events, position } = await given.eventStore.readLog({ pageSize: 10_000 });
  await given.watch.waitFor([ledger], position, { timeoutMs: 20_000 });
  const expected = foldOneByOne(ledger, events);
  expect(await given.rows('account', 'id')).toEqual(inOrder(expected.account, 'id'));
  expect(await given.rows('day', 'account')).toEqual(inOrder(expected.day, 'account'));
  expect(events.length).toBeGreaterThan(500);
});

test('a reader of its own write waits for it a moment, not for the next poll', async () => {
  await using given = await twoInstances();
  const append = { streams: [{ stream: 'ledger-1' as const, expectedVersion: 'any' as const, events: [{ type: 'Other', data: {} }] }] };
  await given.watch.waitFor([ledger], (await given.eventStore.append(append)).position);
  const began = performance.now();
  for (let n = 0; n < 20; n++) await given.watch.waitFor([ledger], (await given.eventStore.append(append)).position);
  expect((performance.now() - began) / 20).toBeLessThan(100);
});

async function twoInstances() {
  const log = await throwAwayDatabase('event_store', migrate);
  const query = await throwAwayDatabase('query_db', migrate);
  const superuser = createPool({ url: query.url, applicationName: 'kiroku-tests' });
  const pool = createPool({ url: query.serviceUrl, applicationName: 'kiroku-tests-instance' });
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const readModels = new PostgresReadModelStore({ pool });
  const watch = new CheckpointWatch({ readModels, projections: [ledger], pollMs: 1_000 });
  const options = { eventStore, readModels, projection: ledger, retry: { baseMs: 5, capMs: 20 } };
  const runners = [new ProjectionRunner({ ...options, pageSize: 7 }), new ProjectionRunner({ ...options, pageSize: 11 })];
  await Promise.all(runners.map((runner) => runner.start()));
  watch.start();
  return {
    eventStore,
    watch,
    rows: async (table: string, order: string) =>
      (await pool.query(`select * from ${projectionSchema(ledger)}.${table} order by ${order} collate "C"`)).rows,
    killConnections: (): void => {
      const kill = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kiroku-tests-instance'`;
      superuser.query(kill).catch(() => undefined); // the test may just have ended
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...runners, watch].map((each) => each.stop()));
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
