import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type DatabaseName, PostgresConsumerStore } from '@kiroku/postgres';
import { ledger, sampleConsumer } from '@kiroku/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgesStates } from '../backup-keys/key-content.ts';
import { doctorChecks } from './doctor-checks.ts';
import { aPatient } from './patient.test-service.ts';
import { runDoctor } from './run-doctor.ts';

let given: Awaited<ReturnType<typeof aPatient>>;

beforeAll(async () => {
  given = await aPatient();
  await given.deposit(5);
});

afterAll(() => given[Symbol.asyncDispose]());

/** What a check finds, then what `--fix` makes of it, then what is left. */
async function treatment(only: string) {
  const found = await given.examine({ only: [only] });
  const fixed = await given.examine({ only: [only], fix: true });
  const left = await given.examine({ only: [only] });
  return { found: found.map((each) => each.found), fixed: fixed.map(({ outcome }) => outcome), left: left.map((each) => each.found) };
}

/** What is granted to a role, of tables, views and functions. */
function rightsOf(role: string, database: DatabaseName) {
  return given.sql(
    database,
    `select name, array_agg(privilege_type order by privilege_type) as rights
     from (
       select oid::regclass::text as name, relacl as acl from pg_class where relnamespace = 'kiroku'::regnamespace
       union all
       select oid::regprocedure::text, proacl from pg_proc where pronamespace = 'kiroku'::regnamespace
     ) as held, aclexplode(acl)
     where grantee = $1::regrole group by name order by name`,
    [role],
  );
}

const sound = [
  'migrations',
  'rights',
  'partitions',
  'jobs',
  'process-managers',
  'orphans',
  'consumers',
  'snapshots',
  'moments',
  'leases',
  'keys',
];

test('a sound installation has no findings', async () => {
  expect(await given.examine({ only: [...sound, 'read-models', 'clock', 'archive'] })).toEqual([]);
});

test('a check that does not exist is refused, with those there are', async () => {
  await expect(given.examine({ only: ['nonsense'] })).rejects.toThrow(/no check nonsense.*migrations, rights/);
});

test('a database that cannot be looked at is a finding, and the checks that do not need it are made', async () => {
  const service = { ...given.options.urls.service, command_db: 'postgres://kiroku_service:x@127.0.0.1:1/none' };
  const options = { ...given.options, urls: { ...given.options.urls, service } };
  const { findings } = await runDoctor(options, { only: ['orphans', 'snapshots', 'partitions'] });
  expect(findings).toMatchObject([{ code: 'CheckFailed', where: 'orphans', what: expect.stringContaining('DatabaseUnavailable') }]);
});

test('checks that fail for one reason are one finding, after what the others found', async () => {
  const nowhere = 'postgres://nobody@127.0.0.1:1/event_store';
  const { service, maintenance, owner } = given.options.urls;
  const urls = {
    service: { ...service, event_store: nowhere },
    maintenance: { ...maintenance, event_store: nowhere },
    owner: { ...owner, event_store: nowhere },
  };
  const { findings } = await runDoctor({ ...given.options, urls }, { only: ['partitions', 'orphans', 'snapshots', 'moments', 'archive'] });
  expect(findings.map(({ code, where }) => `${code}: ${where}`)).toEqual(['CheckFailed: partitions, snapshots, moments, archive']);
  expect(findings[0]?.what).toMatch(/^They could not be looked at: DatabaseUnavailable: /);
});

describe('the doctor', () => {
  test('tells of builds that pile up, and leaves it to an operator to retire them', async () => {
    const { log } = await given.log.head();
    for (let build = 1; build <= 4; build += 1) {
      const made = await given.builds.create(ledger, { log, job: crypto.randomUUID() });
      await given.builds.finish(made, { position: 0, parked: [] });
      await given.builds.switchTo({ projection: ledger, build });
      if (build === 3) expect(await given.examine({ only: ['builds'] })).toEqual([]);
    }
    const [found] = await given.examine({ only: ['builds'], fix: true });
    expect(found).toMatchObject({
      severity: 'warning',
      outcome: 'found',
      what: expect.stringContaining(': 1, 2. Retire them: `kiroku projection retire'),
    });
    for (const build of [1, 2]) await given.builds.retire({ projection: ledger, build });
    expect(await given.examine({ only: ['builds'] })).toEqual([]);
  });

  test('takes back what lets a service alter history, and gives it what it lacks', async () => {
    await given.sql('event_store', 'grant update, delete on kiroku.events to kiroku_service');
    await given.sql('event_store', 'revoke select on kiroku.timelines from kiroku_service');
    await given.sql('command_db', 'grant delete on kiroku.operator_actions to kiroku_service');
    expect(await treatment('rights')).toEqual({
      found: ['ServiceMayAlterLog: event_store', 'ServiceRightsMissing: event_store', 'ServiceMayAlterLog: command_db'],
      fixed: ['fixed', 'fixed', 'fixed'],
      left: [],
    });
    await given.log.append({ streams: [{ stream: 'ledger-2', expectedVersion: 'any', events: [{ type: 'Noted', data: {} }] }] });
  });

  test('takes back what lets the role of maintenance alter history', async () => {
    await given.sql('event_store', 'grant update on kiroku.events to kiroku_maintenance');
    await given.sql('event_store', 'alter role kiroku_maintenance createrole');
    await given.sql('command_db', 'grant delete on kiroku.command_audit to kiroku_maintenance');
    expect(await treatment('rights')).toEqual({
      found: [
        'MaintenanceMayAlterLog: role kiroku_maintenance',
        'MaintenanceMayAlterLog: event_store',
        'MaintenanceMayAlterLog: command_db',
      ],
      fixed: ['fixed', 'fixed', 'fixed'],
      left: [],
    });
  });

  test('makes partitions that should be ready', async () => {
    await given.sql('event_store', 'update kiroku.settings set event_partitions_ahead = event_partitions_ahead + 1');
    expect(await treatment('partitions')).toEqual({ found: ['PartitionsMissing: event_store'], fixed: ['fixed'], left: [] });
  });

  test('deletes snapshots that the log does not lead to, and keeps the others', async () => {
    const insert = `insert into kiroku.snapshots (stream, aggregate, state_version, version, event_id, state, checksum, saved_at)
      select stream, $1, 1, version + $2, id, '{}', '', now() from kiroku.events where position = 3`;
    await given.sql('event_store', insert, ['kept', 0]);
    await given.sql('event_store', insert, ['ahead', 90]);
    expect(await treatment('snapshots')).toEqual({ found: ['SnapshotAhead: event_store'], fixed: ['fixed'], left: [] });
    expect(await given.sql('event_store', 'select aggregate from kiroku.snapshots')).toEqual([{ aggregate: 'kept' }]);
  });

  test('deletes commands and timers of sagas that do not exist', async () => {
    await given.sql(
      'command_db',
      `with timer as (
         insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
         values ('counting', 'nobody', 'late', gen_random_uuid(), now(), '{}')
       )
       insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata)
       values (gen_random_uuid(), 'counting', 'nobody', 'Count', '{}', '{}')`,
    );
    expect(await treatment('orphans')).toEqual({ found: ['WorkWithoutInstance: command_db'], fixed: ['fixed'], left: [] });
  });

  test('sets free what a process holds that is gone', async () => {
    await given.sql(
      'command_db',
      `insert into kiroku.process_partitions (process_manager, partition, owner, epoch, leased_until) values ('old', 0, 'gone', 3, now() - interval '1 hour')`,
    );
    expect(await treatment('leases')).toEqual({ found: ['LeaseOrphaned: command_db'], fixed: ['fixed'], left: [] });
    const held = `select owner, epoch from kiroku.process_partitions where process_manager = 'old'`;
    expect(await given.sql('command_db', held)).toEqual([{ owner: null, epoch: 4 }]);
  });

  test('applies migrations that are missing', async () => {
    await given.sql('query_db', 'delete from kiroku.migrations where number = (select max(number) from kiroku.migrations)');
    expect(await given.examine({ only: ['migrations'] })).toMatchObject([{ found: 'MigrationsPending: query_db' }]);
    await given.sql('query_db', 'alter table kiroku.moment_projections drop column epoch');
    expect((await treatment('migrations')).fixed).toEqual(['fixed']);
    expect(await given.examine({ only: ['migrations'] })).toEqual([]);
  });

  test('says which subjects have lost their keys', async () => {
    const sealed = (subject: string) => ({ name: { $personal: 1, subject, key: 'k', value: 'AAAA' } });
    const events = ['lost', 'replaced', 'forgotten'].map((subject) => ({ type: 'Named', data: sealed(subject) }));
    await given.log.append({ streams: [{ stream: 'customer-1', expectedVersion: 'any', events }] });
    await given.options.keys.keyFor('replaced');
    await given.options.keys.forget('forgotten');
    expect(await given.examine({ only: ['keys'], fix: true })).toMatchObject([
      { code: 'KeysMissing', what: expect.stringContaining('2 of the 3 subjects'), outcome: 'found' },
    ]);
  });

  test('says which files of keys are damaged, and what puts them back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
    const file = `aa/${'a'.repeat(64)}.json`;
    await mkdir(join(directory, 'aa'));
    await writeFile(join(directory, file), '');
    const options = { ...given.options, keyFiles: { directory, judges: judgesStates } };
    expect((await runDoctor(options, { only: ['keys'] })).findings).toContainEqual(
      expect.objectContaining({
        code: 'KeysDamaged',
        where: directory,
        what: expect.stringMatching(`1 of 1 files.*${file}; .kiroku restore keys.`),
      }),
    );
    await rm(directory, { recursive: true });
  });

  test.each([
    { role: 'kiroku_service', missing: 'ServiceRightsMissing' },
    { role: 'kiroku_maintenance', missing: 'MaintenanceRightsMissing' },
  ])('gives $role back all that the migrations grant it, and no more', async ({ role, missing }) => {
    const databases = ['event_store', 'command_db', 'query_db'] as const;
    const rights = () => Promise.all(databases.map((database) => rightsOf(role, database)));
    const granted = await rights();
    for (const database of databases) {
      await given.sql(database, `revoke all on all tables in schema kiroku from ${role}`);
      await given.sql(database, `revoke execute on all functions in schema kiroku from ${role}`);
    }
    const found = databases.map((database) => `${missing}: ${database}`);
    expect(await treatment('rights')).toEqual({ found, fixed: ['fixed', 'fixed', 'fixed'], left: [] });
    expect(await rights()).toEqual(granted);
  });

  test('says when the log is ahead of the clock', async () => {
    await given.sql(
      'event_store',
      `update kiroku.commits set recorded_at = recorded_at + interval '1 hour' where last_position = (select max(last_position) from kiroku.commits)`,
    );
    expect(await given.examine({ only: ['clock'] })).toMatchObject([{ code: 'LogInFuture' }]);
  });

  test('explains how a server is set, and changes nothing of that', async () => {
    const found = await given.examine({ only: ['settings'], fix: true }); // servers of tests are quick, and forget
    expect(found).toContainEqual(
      expect.objectContaining({ code: 'NotDurable', what: expect.stringMatching(/^fsync is off/), outcome: 'found' }),
    );
  });

  test('looks at the disks it is told of, and passes over what is not there', async () => {
    const options = { ...given.options, directories: { here: '/', nowhere: '/no/such/place' } };
    const { findings } = await runDoctor(options, { only: ['disks'] });
    expect(findings.filter(({ where }) => where.startsWith('nowhere'))).toEqual([]);
  });
});

test('after a restore: consumers, moments, and jobs of the time before it', async () => {
  const head = (await given.log.head()).position;
  const pool = createPool({ url: given.options.urls.service.command_db, applicationName: 'kiroku-tests', max: 1 });
  const consumers = new PostgresConsumerStore({ pool });
  const { log } = await given.log.head();
  await consumers.add({ ...sampleConsumer('level'), log, position: 3 });
  await consumers.add({ ...sampleConsumer('beyond'), log, position: head });
  const moment = `with moment as (
      insert into kiroku.moments (name, log_id, timeline, position, recorded_at) values ($1, $2, 1, $3, now()) returning name
    )
    insert into kiroku.moment_projections (moment, projection, version, schema_name, job)
    select name, 'contract-ledger', 1, 'schema_' || name, gen_random_uuid() from moment`;
  await given.sql('query_db', moment, ['at_3', log.id, 3]);
  await given.sql('query_db', moment, ['at_end', log.id, head]);
  const job = `insert into kiroku.jobs (id, verb, arguments, created_by, state) values (gen_random_uuid(), 'events verify', '{}', 'ada', 'paused')`;
  await given.sql('command_db', job);
  await given.restore(5);
  await given.deposit(50);

  const found = await given.examine({ only: ['consumers', 'moments', 'jobs'], fix: true });
  expect(found.map(({ code, where, outcome }) => `${code} ${where.replace(/[0-9a-f-]{36}/, 'ID')} ${outcome}`)).toEqual([
    'JobOfEarlierTimeline job ID fixed',
    'ConsumerOfLostHistory consumer beyond fixed',
    'ConsumerOfEarlierTimeline consumer level fixed',
    'MomentOfEarlierTimeline moment at_3 fixed',
    'MomentOfLostHistory moment at_end fixed',
  ]);
  expect(await given.examine({ only: ['consumers', 'moments', 'jobs'] })).toEqual([]);
  expect((await consumers.consumers()).map(({ name, position, log: of }) => [name, position, of.timeline])).toEqual([
    ['beyond', 5, 2],
    ['level', 3, 2],
  ]);
  expect(await given.sql('query_db', 'select name from kiroku.moments')).toEqual([{ name: 'at_3' }]);
  await pool.end();
});

test('each check has a name of its own', () => {
  const names = doctorChecks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
