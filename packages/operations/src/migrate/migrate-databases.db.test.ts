import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type DatabaseName, databaseNames, migrate, PostgresOperatorAudit } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateAll } from './migrate-databases.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-no-migrations-'));
  for (const database of databaseNames) await mkdir(join(directory, database));
});
afterAll(() => rm(directory, { recursive: true }));

const empty = (database: DatabaseName) =>
  throwAwayDatabase(database, ({ database: kind, url }) => migrate({ database: kind, url, directory }), { template: `empty_${database}` });

test('a migration is in the audit log, even the one that creates it; a run that finds nothing to do is not', async () => {
  await using eventStore = await empty('event_store');
  await using commandDb = await empty('command_db');
  await using queryDb = await empty('query_db');
  const urls = { event_store: eventStore.url, command_db: commandDb.url, query_db: queryDb.url };
  const applied = await migrateAll(urls, { name: 'ada', reason: 'first start' });
  expect(applied).toBeGreaterThan(3);
  expect(await migrateAll(urls, { name: 'bob' })).toBe(0);

  await using pool = createPool({ url: commandDb.serviceUrl, applicationName: 'kiroku-tests' });
  expect(await new PostgresOperatorAudit({ pool }).actions({ limit: 10 })).toMatchObject([
    {
      operator: 'ada',
      reason: 'first start',
      verb: 'migrate',
      before: { event_store: 0, command_db: 0, query_db: 0 },
      outcome: { succeeded: true, after: { command_db: expect.arrayContaining(['2 jobs', '3 operator_audit']) } },
    },
  ]);
});
