import { createPool, migrate, PostgresCommandAudit, PostgresOperatorAudit } from '@kiroku/postgres';
import { sampleCommand, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { openAuditStores } from '../audit/audit-stores.ts';
import { listAudit } from '../audit/list-audit.ts';
import { installationIn } from '../config/installation.test-service.ts';
import type { Installation } from '../config/installation.ts';
import { status } from '../status/status.ts';
import { describeStep } from './describe-step.ts';
import { maintainDatabases, planDatabaseMaintenance } from './maintain-databases.ts';

test('maintenance does what is due and notes it in the audit log; a run that finds nothing to do is not noted', async () => {
  await using eventStore = await throwAwayDatabase('event_store', migrate);
  await using commandDb = await throwAwayDatabase('command_db', migrate);
  await using queryDb = await throwAwayDatabase('query_db', migrate);
  const urls = { event_store: eventStore.maintenanceUrl, command_db: commandDb.maintenanceUrl, query_db: queryDb.maintenanceUrl };
  const installation = installationOn(urls);
  expect(await maintainDatabases(installation)).toEqual({ done: [], postponed: [] });
  expect(await eventStoreWarning(installation)).toBeUndefined();

  await execute(eventStore.url, `insert into kiroku.commits values (70000000, 1, now(), '')`); // the third of three partitions
  expect(await eventStoreWarning(installation)).toContain('kiroku db maintain');
  const due = await planDatabaseMaintenance(installation);
  expect(due).toMatchObject([
    { kind: 'createEventPartition', firstPosition: 96_000_001, lastPosition: 128_000_000 },
    { kind: 'createEventPartition', firstPosition: 128_000_001, lastPosition: 160_000_000 },
  ]);
  expect(await maintainDatabases(installation)).toEqual({ done: due, postponed: [] });
  expect(await eventStoreWarning(installation)).toBeUndefined();

  await using pool = createPool({ url: commandDb.serviceUrl, applicationName: 'kiroku-tests' });
  expect(await new PostgresOperatorAudit({ pool }).actions({ limit: 10 })).toMatchObject([
    { operator: 'ada', verb: 'db maintain', outcome: { succeeded: true, after: { done: due, postponed: [] } } },
  ]);
});

test('commands that left no event are removed from the audit when they are older than they are kept', async () => {
  await using eventStore = await throwAwayDatabase('event_store', migrate);
  await using commandDb = await throwAwayDatabase('command_db', migrate);
  const urls = { event_store: eventStore.maintenanceUrl, command_db: commandDb.maintenanceUrl, query_db: commandDb.maintenanceUrl };
  const installation = installationOn(urls);
  await using stores = openAuditStores({ event_store: eventStore.serviceUrl, command_db: commandDb.serviceUrl }, 'kiroku-tests');
  const pool = createPool({ url: commandDb.serviceUrl, applicationName: 'kiroku-tests' });
  await new PostgresCommandAudit({ pool }).record([sampleCommand({ user: 'old' }), sampleCommand({ user: 'new' })]);
  await pool.end();
  await execute(commandDb.url, `update kiroku.command_audit set recorded_at = recorded_at - interval '401 days 1 hour' where sequence = 1`);

  const due = await planDatabaseMaintenance(installation);
  expect(due.map((step) => describeStep(step))).toEqual([expect.stringMatching(/^remove commands that left no event, until \d{4}-/)]);
  expect((await maintainDatabases(installation)).done).toMatchObject([{ kind: 'pruneCommandAudit' }]);
  expect(await planDatabaseMaintenance(installation)).toEqual([]);
  const { entries } = await listAudit(stores.trails, { limit: 10, since: '2020-01-01T00:00:00Z' });
  expect(entries).toMatchObject([
    { kind: 'operator', verb: 'db maintain', outcome: { after: { done: [{ kind: 'pruneCommandAudit' }] } } },
    { kind: 'command', user: 'new' },
  ]);
  expect((await stores.verify([])).findings).toEqual([]);
});

test('the log is maintained while command_db is away, and nothing is due there', async () => {
  await using eventStore = await throwAwayDatabase('event_store', migrate);
  const nowhere = 'postgres://127.0.0.1:1/command_db';
  const installation = installationOn({ event_store: eventStore.maintenanceUrl, command_db: nowhere, query_db: nowhere });
  expect(await planDatabaseMaintenance(installation)).toEqual([]);
  expect(await maintainDatabases(installation)).toEqual({ done: [], postponed: [] });
});

function installationOn(databases: NonNullable<Installation['databases']>): Installation {
  return installationIn('/nowhere', { databases });
}

async function eventStoreWarning(installation: Installation): Promise<string | undefined> {
  return (await status(installation)).databases.find(({ name }) => name === 'event_store')?.warning;
}

async function execute(url: string, sql: string): Promise<void> {
  const pool = createPool({ url, applicationName: 'kiroku-tests', max: 1 });
  await pool.query(sql);
  await pool.end();
}
