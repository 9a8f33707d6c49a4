import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { DatabaseProbe } from '../probe/database-probe.ts';
import { PostgresBackgroundWork } from './postgres-background-work.ts';

let databases: { readonly log: ThrowAway; readonly commands: ThrowAway };
let work: PostgresBackgroundWork;
type ThrowAway = Awaited<ReturnType<typeof throwAwayDatabase>>;

beforeAll(async () => {
  const [log, commands] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  databases = { log, commands };
  const urls = { event_store: log.serviceUrl, command_db: commands.serviceUrl };
  work = new PostgresBackgroundWork({ databases: urls, applicationName: 'kiroku-tests' });
});
afterAll(async () => {
  await work?.[Symbol.asyncDispose]();
  await Promise.all(Object.values(databases ?? {}).map((database) => database[Symbol.asyncDispose]()));
});
beforeEach(() =>
  change(
    'truncate kiroku.process_managers, kiroku.process_partitions, kiroku.process_timers, kiroku.outgoing_commands, kiroku.jobs cascade',
  ),
);

async function change(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databases.commands.url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Between writing and looking may be some more. */
const about = (seconds: number) => expect.toSatisfy((found: number) => found >= seconds && found < seconds + 20);

const registered = (lease: string) =>
  change(`insert into kiroku.process_managers (name, log_id, timeline) values ('billing', gen_random_uuid(), 1);
    insert into kiroku.process_partitions (process_manager, partition, owner, leased_until) values ('billing', 0, ${lease})`);

test('what was never registered is not told, and nothing is overdue', async () => {
  expect(await work.look(['billing'])).toEqual({ processManagers: [], consumers: [], jobs: [] });
});

test('a lease that is held is told as such, one that has lapsed with since when, and one that was given back without', async () => {
  await registered(`'a', clock_timestamp() + interval '1 minute'`);
  const [held] = (await work.look(['billing'])).processManagers;
  expect(held).toMatchObject({ name: 'billing', position: 0, events: 0, seconds: 0, partitions: 1, unheld: 0, attending: 0 });
  await change(`update kiroku.process_partitions set leased_until = clock_timestamp() - interval '20 seconds'`);
  const [lapsed] = (await work.look(['billing'])).processManagers;
  expect(lapsed).toMatchObject({ unheld: 1, lapsedSeconds: about(20) });
  await change('update kiroku.process_partitions set owner = null, leased_until = null');
  const [free] = (await work.look(['billing'])).processManagers;
  expect([free?.unheld, free?.lapsedSeconds]).toEqual([1, undefined]);
});

test('a timer and a command that are overdue are told, and those that are not due, parked or settled are not', async () => {
  await registered(`'a', clock_timestamp() + interval '1 minute'`);
  const command = (due: string) => `insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at)
    values (gen_random_uuid(), 'billing', 'i', 'Bill', '{}', '{}', ${due});`;
  const timer = (name: string, due: string) => `insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
    values ('billing', 'i', '${name}', gen_random_uuid(), ${due}, '{}');`;
  await change(
    command(`'infinity'`) + command(`clock_timestamp() + interval '1 hour'`) + timer('later', `clock_timestamp() + interval '1 hour'`),
  );
  const idle = await work.look(['billing']);
  expect([idle.commandOverdueSeconds, idle.processManagers[0]?.timerOverdueSeconds]).toEqual([undefined, undefined]);
  await change(command(`clock_timestamp() - interval '20 seconds'`) + timer('now', `clock_timestamp() - interval '40 seconds'`));
  const late = await work.look(['billing']);
  expect(late).toMatchObject({ commandOverdueSeconds: about(20), processManagers: [{ timerOverdueSeconds: about(40) }] });
});

test('a job that waits is told with how long, one that runs with how long its owner has been gone', async () => {
  await change(`insert into kiroku.jobs (id, verb, arguments, created_by, state, owner, leased_until, created_at) values
    (gen_random_uuid(), 'replay', '{}', 'ada', 'queued', null, null, clock_timestamp() - interval '15 seconds'),
    (gen_random_uuid(), 'events verify', '{}', 'ada', 'running', 'a', clock_timestamp() - interval '40 seconds', clock_timestamp())`);
  const { jobs } = await work.look([]);
  expect(jobs).toMatchObject([
    { verb: 'replay', queuedSeconds: about(15) },
    { verb: 'events verify', lapsedSeconds: about(40) },
  ]);
});

test('a database is not usable while it is migrated, and is again afterwards', async () => {
  const probe = new DatabaseProbe({ database: 'command_db', url: databases.commands.serviceUrl, applicationName: 'kiroku-tests' });
  await probe.requireUsable();
  const migrating = new pg.Client({ connectionString: databases.commands.url });
  await migrating.connect();
  await migrating.query(`select pg_advisory_lock(hashtextextended('kiroku.migrate', 0))`);
  await expect(probe.requireUsable()).rejects.toMatchObject({
    code: 'DatabaseUnavailable',
    message: expect.stringContaining('is being migrated'),
  });
  await migrating.end();
  await probe.requireUsable();
  await probe.stop();
});
