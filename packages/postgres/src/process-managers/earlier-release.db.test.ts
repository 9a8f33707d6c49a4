import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { type MigrateOptions, migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';
import { readProcessManagerStats } from './read-instances.ts';

const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };

test('a process manager of a release without partitions goes on in all of them from where it was', async () => {
  await using given = await fromBeforePartitions();
  const { store } = given;
  await store.prepare('fulfilment', log);
  const leases = await store.attend({ instance: 'test', processManagers: ['fulfilment'], leaseMs: 60_000 });
  expect(leases.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  expect(await Promise.all(leases.map(({ partition }) => store.checkpoint('fulfilment', partition)))).toEqual([42, 42, 42, 42]);
  expect(await store.prune({ doneForDays: 0, limit: 10 })).toBe(2);
});

test('a process of that release cannot move a checkpoint any more', async () => {
  await using given = await fromBeforePartitions();
  const moving = given.superuser.query(`insert into kiroku.advances (process_manager, position) values ('fulfilment', 43)`);
  await expect(moving).rejects.toThrow(/null value in column "partition"/);
});

test('how instances of that release ended is counted, also of one that it ends after the migration', async () => {
  await using given = await fromBeforePartitions();
  const ending = `update kiroku.process_instances set status = 'done', state = '{"phase": "compensated"}', ended_at = now() where instance = 'a'`;
  await given.superuser.query(ending);
  const stats = await readProcessManagerStats(given.pool);
  expect(stats).toMatchObject([{ started: 4, running: 0, completed: 1, compensated: 2, failed: 1 }]);
});

/** A database that was migrated and written to by the earlier release, and then migrated by this one. */
async function fromBeforePartitions() {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-migrations-'));
  const all = new URL('../../migrations/command_db/', import.meta.url);
  const earlier = (await readdir(all)).filter((file) => file < '0005');
  await Promise.all(earlier.map((file) => cp(new URL(file, all), join(directory, 'command_db', file))));
  const migrateEarlier = (options: MigrateOptions) => migrate({ ...options, directory });
  const database = await throwAwayDatabase('command_db', migrateEarlier, { template: 'before_partitions' });
  await rm(directory, { recursive: true });
  const superuser = new pg.Client({ connectionString: database.url });
  await superuser.connect();
  await superuser.query(`
    insert into kiroku.process_managers (name, log_id, timeline) values ('fulfilment', '${log.id}', ${log.timeline});
    insert into kiroku.advances (process_manager, position) values ('fulfilment', 10), ('fulfilment', 42);
    insert into kiroku.process_instances (process_manager, instance, state, status, failure)
    values ('fulfilment', 'a', '{}', 'running', null), ('fulfilment', 'b', '{}', 'done', null), ('fulfilment', 'c', '{}', 'failed', 'no'),
      ('fulfilment', 'd', '{"phase": "compensated"}', 'done', null);
    insert into kiroku.process_history (process_manager, instance, kind, what) values ('fulfilment', 'a', 'fault', 'no answer')`);
  await migrate({ database: 'command_db', url: database.url });
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    superuser,
    pool,
    store: new PostgresProcessManagerStore({ pool }),
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), superuser.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}
