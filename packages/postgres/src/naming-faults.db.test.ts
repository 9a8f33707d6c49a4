import { throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresEventStore } from './event-store/postgres-event-store.ts';
import { migrate } from './migrate/migrate.ts';
import { migrationStatus } from './migrate/migration-status.ts';
import { createPool } from './pool.ts';
import { rowsOf } from './rows-of.ts';
import { inTransaction } from './transaction.ts';

let database: Awaited<ReturnType<typeof throwAwayDatabase>>;
beforeAll(async () => {
  database = await throwAwayDatabase('command_db', migrate);
});
afterAll(() => database[Symbol.asyncDispose]());

const away = (name: string) => `postgres://kiroku_service@127.0.0.1:1/${name}`;
const unavailable = (says: RegExp) => expect.objectContaining({ code: 'DatabaseUnavailable', message: expect.stringMatching(says) });

test.each([
  ['command_db', /^command_db cannot be reached, so/],
  ['shop_work', /^The database shop_work cannot be reached, so/],
])('%s that cannot be reached is named, however it was asked', async (name, says) => {
  const pool = createPool({ url: away(name), applicationName: 'test', max: 1 });
  await expect(rowsOf(pool, 'safety/latest_reports')).rejects.toEqual(unavailable(says));
  await expect(inTransaction(pool, 'begin', () => Promise.resolve())).rejects.toEqual(unavailable(says));
  await expect(migrationStatus({ database: 'command_db', url: away(name) })).rejects.toEqual(unavailable(says));
  await using log = new PostgresEventStore({ url: away(name) });
  await expect(log.head()).rejects.toEqual(unavailable(says));
  const append = log.append({ streams: [{ stream: 'note-1', expectedVersion: 'any', events: [{ type: 'Noted', data: {} }] }] });
  await expect(append).rejects.toEqual(unavailable(says));
  await pool.end();
});

test('one whose connection is lost under a query, or that does not answer in time, is named', async () => {
  const [pool, superuser] = [
    createPool({ url: database.serviceUrl, applicationName: 'to be ended', max: 1 }),
    createPool({ url: database.url, applicationName: 'test', max: 1 }),
  ];
  const lost = inTransaction(pool, 'begin', (client) => client.query('select pg_sleep(20)'));
  const refused = expect(lost).rejects.toEqual(unavailable(/^The database \S+ cannot be reached/));
  const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to be ended' and query like '%pg_sleep%'`;
  await expect.poll(async () => (await superuser.query(end)).rowCount).toBe(1);
  await refused;
  const hasty = createPool({ url: database.serviceUrl, applicationName: 'test', max: 1, answerTimeoutMs: 50 });
  const hold = await superuser.connect();
  await hold.query('begin; lock table kiroku.safety_reports in access exclusive mode');
  await expect(rowsOf(hasty, 'safety/latest_reports')).rejects.toEqual(unavailable(/^The database \S+ cannot be reached[\s\S]*timeout/));
  await hold.query('rollback');
  hold.release();
  await Promise.all([pool, superuser, hasty].map((each) => each.end()));
});
