import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from './migrate/migrate.ts';
import { createPool } from './pool.ts';
import { SharedConnections } from './shared-connections.ts';

test('many statements at once go over few connections, and each gets its own rows', async () => {
  await using given = await sharing();
  const asked = Array.from({ length: 40 }, (_, n) => given.shared.rows<Found>(echo(n)));
  const found = (await Promise.all(asked)).map(([row]) => row);
  expect(found.map((row) => row?.n)).toEqual(asked.map((_, n) => n));
  expect(new Set(found.map((row) => row?.pid)).size).toBe(3);
  expect(given.pool).toMatchObject({ totalCount: 3, idleCount: 3 });
});

test('what is more than these take gets a connection of its own', async () => {
  await using given = await sharing();
  const slow = { text: 'select pg_backend_pid() as pid, 0 as n from pg_sleep(0.02)' };
  const found = await Promise.all(Array.from({ length: 60 }, () => given.shared.rows<Found>(slow)));
  expect(new Set(found.map(([row]) => row?.pid)).size).toBeGreaterThan(3);
  expect(given.pool.waitingCount).toBe(0);
});

test('a statement that fails fails alone', async () => {
  await using given = await sharing();
  const asked = Array.from({ length: 12 }, (_, n) => given.shared.rows<Found>(n % 4 === 1 ? { text: 'select 1 / 0' } : echo(n)));
  const settled = await Promise.allSettled(asked);
  expect(settled.map(({ status }) => status === 'rejected')).toEqual(settled.map((_, n) => n % 4 === 1));
});

test('all that are sent behind one which cannot be prepared are told why', async () => {
  await using given = await sharing();
  const missing = { text: 'select * from nowhere where n = $1', values: [1], name: 'missing' };
  const settled = await Promise.allSettled(Array.from({ length: 12 }, () => given.shared.rows(missing)));
  for (const each of settled) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'SchemaTooOld' } });
});

test('a connection that is lost takes with it what waits there, and is replaced', async () => {
  await using given = await sharing();
  const waiting = Array.from({ length: 9 }, () => given.shared.rows({ text: 'select pg_sleep(30)' }));
  const settled = Promise.allSettled(waiting);
  await expect.poll(() => given.asking()).toBe(3);
  await given.killAll();
  for (const each of await settled)
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'DatabaseUnavailable', retryable: true } });
  expect(await given.shared.rows<Found>(echo(7))).toMatchObject([{ n: 7 }]);
});

interface Found {
  readonly n: number;
  readonly pid: number;
}

function echo(n: number) {
  return { text: 'select $1::int as n, pg_backend_pid() as pid', values: [n], name: 'echo' };
}

async function sharing() {
  const database = await throwAwayDatabase('query_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'sharing', max: 8 });
  const admin = createPool({ url: database.url, applicationName: 'admin', max: 1 });
  const asking = `from pg_stat_activity where application_name = 'sharing' and state = 'active' and datname = current_database()`;
  return {
    pool,
    shared: new SharedConnections(pool),
    /** On how many connections something is being asked. */
    asking: async () => (await admin.query<{ count: number }>(`select count(*)::int as count ${asking}`)).rows[0]?.count,
    killAll: () => admin.query(`select pg_terminate_backend(pid) ${asking}`),
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), admin.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}
