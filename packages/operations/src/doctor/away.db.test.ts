import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseName, databaseNames } from '@kiroku/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgesStates } from '../backup-keys/key-content.ts';
import { frozenRelay } from './frozen-relay.test-service.ts';
import { aPatient } from './patient.test-service.ts';
import { type DoctorRun, runDoctor } from './run-doctor.ts';

let given: Awaited<ReturnType<typeof aPatient>>;

beforeAll(async () => {
  given = await aPatient();
  await given.deposit(5);
});
afterAll(() => given[Symbol.asyncDispose]());

/** Urls of all roles, some databases elsewhere. */
function optionsWith(elsewhere: (database: DatabaseName, url: string) => string) {
  const moved = (urls: Readonly<Record<DatabaseName, string>>) => ({
    event_store: elsewhere('event_store', urls.event_store),
    command_db: elsewhere('command_db', urls.command_db),
    query_db: elsewhere('query_db', urls.query_db),
  });
  const { service, maintenance, owner } = given.options.urls;
  return { ...given.options, urls: { service: moved(service), maintenance: moved(maintenance), owner: moved(owner) } };
}

async function timed(options: ReturnType<typeof optionsWith>, run: DoctorRun = {}) {
  const begun = performance.now();
  const report = await runDoctor(options, run);
  return { ...report, seconds: (performance.now() - begun) / 1_000 };
}

/** Takes connections, and never answers. */
async function silentServer() {
  const relay = await frozenRelay('postgres://127.0.0.1:1');
  relay.freeze();
  return { ...relay, url: (database: string) => relay.through(`postgres://nobody@127.0.0.1:1/${database}`) };
}

test('databases that take connections and never answer are asked once, and told of in one finding', { timeout: 30_000 }, async () => {
  await using silent = await silentServer();
  const { findings, seconds } = await timed(optionsWith((database) => silent.url(database)));
  expect(seconds).toBeLessThan(10);
  expect(silent.asked(), 'one connection to each').toBe(databaseNames.length);
  expect(findings.filter(({ code }) => code === 'CheckFailed')).toMatchObject([
    {
      what: expect.stringMatching(
        /^They could not be looked at: DatabaseUnavailable: event_store, command_db and query_db cannot be reached/,
      ),
    },
  ]);
});

test('what the others tell is told while one does not answer', { timeout: 30_000 }, async () => {
  await using silent = await silentServer();
  const options = optionsWith((database, url) => (database === 'event_store' ? silent.url(database) : url));
  await given.sql('command_db', 'revoke select on kiroku.jobs from kiroku_service');
  await given.sql('query_db', 'delete from kiroku.migrations where number = 5');
  const { findings } = await timed(options, { only: ['migrations', 'rights'] });
  expect(findings.map(({ code, where }) => `${code}: ${where}`)).toEqual([
    'MigrationsPending: query_db',
    'ServiceRightsMissing: command_db',
    'CheckFailed: migrations, rights',
  ]);
});

test('files of keys are looked at, whatever the log does', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  await mkdir(join(directory, 'aa'));
  await writeFile(join(directory, `aa/${'a'.repeat(64)}.json`), '');
  const options = optionsWith((database, url) => (database === 'event_store' ? 'postgres://127.0.0.1:1/event_store' : url));
  const { findings } = await runDoctor({ ...options, keyFiles: { directory, judges: judgesStates } }, { only: ['keys'] });
  expect(findings.map(({ code }) => code)).toEqual(['KeysDamaged', 'CheckFailed']);
  await rm(directory, { recursive: true });
});

test('a database that falls silent while it is looked at is given up', { timeout: 30_000 }, async () => {
  await using relay = await frozenRelay(given.options.urls.service.command_db);
  const options = optionsWith((database, url) => (database === 'command_db' ? relay.through(url) : url));
  relay.freezeAt('kiroku.process_timers');
  const made: string[] = [];
  const { findings, seconds } = await timed(options, {
    only: ['orphans', 'snapshots'],
    onCheck: (check) => made.push(check),
  });
  expect(seconds).toBeLessThan(15);
  expect(made).toEqual(['orphans', 'snapshots']);
  expect(findings).toMatchObject([
    { code: 'CheckFailed', where: 'orphans', what: expect.stringMatching(/command_db\S* cannot be reached.*timeout/) },
  ]);
});
