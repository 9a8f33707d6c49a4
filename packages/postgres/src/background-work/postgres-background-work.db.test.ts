import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DatabaseProbe } from '../probe/database-probe.ts';
import { PostgresBackgroundWork } from './postgres-background-work.ts';
import { about, storedWork } from './stored-work.test-service.ts';

let stored: Awaited<ReturnType<typeof storedWork>>;
let work: PostgresBackgroundWork;
const change = (sql: string) => stored.change(sql);

beforeAll(async () => {
  stored = await storedWork();
  work = stored.work;
});
afterAll(() => stored?.[Symbol.asyncDispose]());
beforeEach(() => stored.forget());

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
  expect(held?.lapsedSeconds).toBeUndefined();
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
  const settled = `update kiroku.outgoing_commands set settled_at = clock_timestamp(), outcome = '{}';`;
  await change(command(`clock_timestamp() - interval '90 seconds'`) + settled);
  await change(
    command(`'infinity'`) + command(`clock_timestamp() + interval '1 hour'`) + timer('later', `clock_timestamp() + interval '1 hour'`),
  );
  const idle = await work.look(['billing']);
  expect([idle.commandOverdueSeconds, idle.processManagers[0]?.timerOverdueSeconds]).toEqual([undefined, undefined]);
  await change(command(`clock_timestamp()`) + command(`clock_timestamp() - interval '20 seconds'`));
  await change(timer('just now', 'clock_timestamp()') + timer('now', `clock_timestamp() - interval '40 seconds'`));
  const late = await work.look(['billing']);
  expect(late).toMatchObject({ commandOverdueSeconds: about(20), processManagers: [{ timerOverdueSeconds: about(40) }] });
});

test('what has been overdue for long is told at every look', async () => {
  await registered(`'a', clock_timestamp() + interval '1 minute'`);
  await using another = new PostgresBackgroundWork({ databases: stored.urls, applicationName: 'kiroku-tests-another' });
  await change(`insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at)
      values (gen_random_uuid(), 'billing', 'i', 'Bill', '{}', '{}', clock_timestamp() - interval '10 minutes');
    insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
      values ('billing', 'i', 'late', gen_random_uuid(), clock_timestamp() - interval '20 minutes', '{}')`);
  for (const _look of ['first', 'second']) {
    const { commandOverdueSeconds, processManagers } = await another.look(['billing']);
    expect([commandOverdueSeconds, processManagers[0]?.timerOverdueSeconds]).toEqual([about(600), about(1_200)]);
  }
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
  expect(jobs.map(({ queuedSeconds, lapsedSeconds }) => [queuedSeconds === undefined, lapsedSeconds === undefined])).toEqual([
    [false, true],
    [true, false],
  ]);
});

test('of very many jobs the oldest are told', async () => {
  await change(`insert into kiroku.jobs (id, verb, arguments, created_by, state, created_at)
    select gen_random_uuid(), 'job ' || n, '{}', 'ada', 'queued', clock_timestamp() - n * interval '1 minute' from generate_series(1, 101) as n`);
  const { jobs } = await work.look([]);
  expect([jobs.length, jobs[0]?.verb, jobs.at(-1)?.verb]).toEqual([100, 'job 101', 'job 2']);
});

test('the owner of a job holds it until its last report says, and one that waits or has ended is not held', async () => {
  const job = (
    n: number,
    state: string,
  ) => `insert into kiroku.jobs (id, verb, arguments, created_by, state, owner, leased_until, ended_at, created_at)
    values ('0199f0a0-0000-7000-8000-00000000000${n}', 'replay', '{}', 'ada', '${state}', 'a', clock_timestamp() - interval '90 seconds',
      case when '${state}' = 'done' then clock_timestamp() end, clock_timestamp() - ${n} * interval '1 minute');`;
  const report = (n: number, seconds: number) => `insert into kiroku.job_reports (job, epoch, leased_until)
    values ('0199f0a0-0000-7000-8000-00000000000${n}', 1, clock_timestamp() + ${seconds} * interval '1 second');`;
  await change(job(1, 'running') + job(2, 'running') + job(3, 'running') + job(4, 'paused') + job(5, 'done'));
  await change(report(1, -60) + report(1, 60) + report(2, -120));
  const { jobs } = await work.look([]);
  expect(jobs.map(({ id, lapsedSeconds }) => [id.at(-1), lapsedSeconds])).toEqual([
    ['3', about(90)],
    ['2', about(90)],
    ['1', about(-60)],
  ]);
});

test('it leaves no connection open', async () => {
  const applicationName = 'kiroku-tests-leaving';
  {
    await using another = new PostgresBackgroundWork({ databases: stored.urls, applicationName });
    await another.look(['billing']);
  }
  const client = new pg.Client({ connectionString: stored.ownerUrl });
  await client.connect();
  const count = `select count(*)::integer as open from pg_stat_activity where application_name = '${applicationName}'`;
  const open = async () => (await client.query<{ open: number }>(count)).rows[0]?.open;
  await expect.poll(open).toBe(0);
  await client.end();
});

test('a database is not usable while it is migrated, and is again afterwards', async () => {
  const probe = new DatabaseProbe({ database: 'command_db', url: stored.urls.command_db, applicationName: 'kiroku-tests' });
  await probe.requireUsable();
  const migrating = new pg.Client({ connectionString: stored.ownerUrl });
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
