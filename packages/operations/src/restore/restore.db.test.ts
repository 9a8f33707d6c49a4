import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { createPool, freePort, PostgresEventStore, PostgresOperatorAudit, readChainHead } from '@kiroku/postgres';
import { InMemoryKeyStore } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { continuousStatus } from '../backup-continuous/continuous-status.ts';
import { disableContinuous, enableContinuous } from '../backup-continuous/switch-continuous.ts';
import { createBackup } from '../backup-create/create-backup.ts';
import { installationIn, onlyWhenAsked } from '../config/installation.test-service.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { drill } from '../restore-drill/drill.ts';
import { seedOnce } from '../up/seed.ts';
import { Supervisor } from '../up/supervisor.ts';
import { planRestore } from './plan-restore.ts';
import { restore } from './restore.ts';
import type { RestoreProgress } from './restore-options.ts';
import type { RestoreSummary } from './restore-report.ts';
import type { RestoreWanted } from './restore-wanted.ts';

let root: string;
let installation: Installation;
let supervisor: Supervisor;
/** When the log had all of its first history. */
let wholeAt: string;
const notices: string[] = [];
const agree = async () => true;
const key = 'a key of thirty-two characters....';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-restore-'));
  await chmod(root, 0o755); // as root, the server runs as another account
  installation = installationIn(root, {
    postgresPort: await freePort(),
    backup: { ...onlyWhenAsked, repository: { place: join(root, 'backups'), key }, archiveTimeoutSeconds: 1 },
  });
  supervisor = new Supervisor({ installation, onProgress: ({ text }) => void notices.push(text) });
  await supervisor.start();
  await enableContinuous(installation);
  await append(3);
  await createBackup(installation, { repository: await repository() });
});
afterAll(async () => {
  await supervisor.stop();
  await rm(root, { recursive: true, force: true });
});

const repository = () => openRepository(installation.backup.repository);

/** One commit for each event. */
async function append(count: number): Promise<void> {
  const store = new PostgresEventStore({ url: (await connectionUrls(installation, 'service')).event_store });
  for (let one = 0; one < count; one++) {
    const event = { type: 'Noted', schemaVersion: 1, data: { text: `${one}` }, metadata: {}, tags: [] };
    await store.append({ streams: [{ stream: `note-${uuid()}`, expectedVersion: 'noStream', events: [event] }] });
  }
  await store.stop();
}

async function execute(text: string): Promise<void> {
  const pool = createPool({ url: (await connectionUrls(installation, 'superuser')).event_store, applicationName: 'test', max: 1 });
  await pool.query(text);
  await pool.end();
}

async function head() {
  await using pool = createPool({ url: (await connectionUrls(installation, 'service')).event_store, applicationName: 'test', max: 1 });
  return await readChainHead(pool);
}

async function restoreTo(wanted: RestoreWanted, options: Partial<Parameters<typeof restore>[2]> = {}) {
  const plan = await planRestore(installation, await repository(), wanted);
  return restore(installation, plan, { repository: await repository(), keys: new InMemoryKeyStore(), agree, ...options });
}

test('what was recorded is kept after a while, and the server told', async () => {
  await append(1);
  await expect
    .poll(async () => continuousStatus(installation, await repository()), { timeout: 30_000, interval: 500 })
    .toMatchObject({ waiting: 0, rpoSeconds: 0, behind: false, coverage: { position: 4 } });
});

test('no log is kept without the keys that it needs: it waits, and people are told', async () => {
  const keys = join(installation.dataDirectory, 'keys');
  await writeFile(keys, 'no directory');
  await execute('create table waits (for_keys int)');
  await expect.poll(() => notices.join(), { timeout: 30_000 }).toContain('neither they nor what needs them is kept');
  expect(await continuousStatus(installation, await repository())).toMatchObject({
    behind: true,
    keys: { fault: expect.stringContaining(keys) },
  });
  await rm(keys);
  await expect.poll(async () => (await continuousStatus(installation, await repository())).behind, { timeout: 30_000 }).toBe(false);
});

test('what cannot be restored is named, before anything is done', async () => {
  const from = await repository();
  const planned = (wanted: RestoreWanted, of = installation) => planRestore(of, from, wanted);
  await expect(planned({ kind: 'time', time: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'RestoreTargetOutOfRange' });
  await expect(planned({ kind: 'time', time: '2120-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'RestoreTargetOutOfRange' });
  await expect(planned({ kind: 'position', position: 999 })).rejects.toMatchObject({ code: 'RestoreTargetOutOfRange' });
  await expect(planned({ kind: 'backup', id: '20200101T000000Z-0000' })).rejects.toMatchObject({ code: 'NotFound' });
  const newer = join(root, 'backups', 'backups', '20990101T000000Z-0000');
  await mkdir(newer);
  await writeFile(join(newer, 'manifest.json'), '{ "format": 2 }');
  await expect(planned({ kind: 'backup', id: '20990101T000000Z-0000' })).rejects.toMatchObject({ code: 'BackupTooNew' });
  expect((await planned({ kind: 'latest' })).notices).toEqual([expect.stringContaining('Deploy the code that made it')]);
  await rm(newer, { recursive: true });
  const other = { ...installation, config: { ...installation.config, name: 'other' } };
  await expect(planned({ kind: 'latest' }, other)).rejects.toMatchObject({ code: 'BackupForeign' });
});

test('keys that cannot be read are found before anything is restored', async () => {
  const [manifest] = (await (await repository()).list()).backups;
  const file = join(root, 'backups', 'backups', manifest?.id ?? '', 'parts', 'keys.tar');
  const whole = await readFile(file);
  await writeFile(file, whole.subarray(1));
  const told: RestoreProgress[] = [];
  const onProgress = (one: RestoreProgress) => void told.push(one);
  await expect(restoreTo({ kind: 'latest' }, { onProgress })).rejects.toMatchObject({ code: 'BackupDamaged' });
  expect(told).toEqual([]);
  await writeFile(file, whole);
});

test('what a restore that was killed had left is removed, and so is what is not agreed to, with nothing changed', async () => {
  await append(1);
  const { position, recordedAt: time = '' } = await head();
  await append(2);
  const left = join(installation.dataDirectory, 'postgres', 'restoring');
  await mkdir(join(left, 'cluster', 'base'), { recursive: true });
  const told: unknown[] = [];
  const options = {
    agree: async (summary: RestoreSummary) => told.push(summary) < 0,
    onProgress: (one: RestoreProgress) => void told.push(one),
  };
  const plan = await planRestore(installation, await repository(), { kind: 'time', time });
  await append(1); // what comes while it is restored is lost, too
  await expect(
    restore(installation, plan, { repository: await repository(), keys: new InMemoryKeyStore(), ...options }),
  ).rejects.toMatchObject({ code: 'RestoreRefused' });
  expect(told).toContainEqual({ kind: 'step', text: 'What a restore that was cut off had left was removed' });
  expect(told.find((one) => JSON.stringify(one).includes('bytes'))).toMatchObject({ done: 0, unit: 'bytes' });
  expect(told).toContainEqual(expect.objectContaining({ position, eventsLost: 3, timeline: 2 }));
  expect(await head()).toMatchObject({ position: position + 3, timeline: 1 });
  expect(await readdir(join(installation.dataDirectory, 'postgres'))).not.toContain('restoring');
});

test('the write-ahead log of a server whose event log is gone is kept on, and people are told', async () => {
  wholeAt = new Date().toISOString();
  await execute('drop table kiroku.events, kiroku.commits cascade');
  const lostAt = new Date().toISOString();
  await disableContinuous(installation);
  await enableContinuous(installation); // as a start does
  await execute('create table since (then_lost int)');
  await expect
    .poll(async () => (await continuousStatus(installation, await repository())).coverage?.until ?? '', { timeout: 30_000, interval: 500 })
    .toSatisfy((until: string) => until > lostAt);
  expect(notices).toContainEqual(expect.stringContaining('The event log cannot be read'));
});

test('a position that the log in use cannot tell of is looked for in what is kept', async () => {
  const plan = await planRestore(installation, await repository(), { kind: 'position', position: 999 });
  expect(plan).toMatchObject({ searches: true, live: undefined, target: { kind: 'time' } });
  const keys = new InMemoryKeyStore();
  await expect(restore(installation, plan, { repository: await repository(), keys, agree })).rejects.toMatchObject({
    code: 'RestoreTargetOutOfRange',
    details: { position: 8 },
  });
  expect(await readdir(join(installation.dataDirectory, 'postgres'))).not.toContain('restoring');
});

test('the log is put back to the commit of that position, with what runs switched to it, and the other kept', async () => {
  const report = await restoreTo({ kind: 'position', position: 6 });
  expect(report).toMatchObject({ position: 6, timeline: 2 });
  expect(await head()).toMatchObject({ position: 6, timeline: 2 });
  expect(await readdir(report.aside)).toContain('PG_VERSION');
  const pool = createPool({ url: (await connectionUrls(installation, 'service')).command_db, applicationName: 'test', max: 1 });
  expect(await new PostgresOperatorAudit({ pool }).actions({ limit: 1, verb: 'restore' })).toMatchObject([{ operator: 'ada' }]);
  await pool.end();
});

test('what was restored gets no sample data', async () => {
  let seeded = false;
  const seed = async () => {
    seeded = true;
  };
  const signal = new AbortController().signal;
  await seedOnce({ ...installation, config: { ...installation.config, seed } }, { onProgress: () => undefined, signal });
  expect(seeded).toBe(false);
});

test('a drill proves the newest backup and the log after it, of both histories, measures both, and removes what it made', async () => {
  await append(2);
  const report = await drill(installation, { repository: await repository(), keysIn: () => new InMemoryKeyStore() });
  expect(report).toMatchObject({ succeeded: true, faults: [], sameAsLive: true });
  expect(report.rtoSeconds).toBeGreaterThan(0);
  expect(await readdir(join(installation.dataDirectory, 'postgres'))).not.toContain('restoring');
  expect(await (await repository()).listReports('drills')).toMatchObject([{ id: report.id, report: { succeeded: true } }]);
});

test('who has gone back too far gets a moment of the history that was left, and leaves the other', async () => {
  const plan = await planRestore(installation, await repository(), { kind: 'time', time: wholeAt });
  expect(plan).toMatchObject({ target: { kind: 'time', along: 'backup' }, notices: [expect.stringContaining('It is that history')] });
  const report = await restoreTo({ kind: 'time', time: wholeAt });
  expect(report).toMatchObject({ position: 8, timeline: 3, eventsLost: 2 }); // those after position 6 of the second
  expect(await head()).toMatchObject({ position: 8, timeline: 3 });
  await append(1);
  expect(await head()).toMatchObject({ position: 9, timeline: 3 });
});

test('after a restore to before the newest backup, which is of what was left, an older one and the log after it hold what is in use', async () => {
  const { id } = await createBackup(installation, { repository: await repository() });
  expect(await restoreTo({ kind: 'position', position: 8 })).toMatchObject({ position: 8, timeline: 4 });
  await append(1);
  expect(await restoreTo({ kind: 'latest' })).toMatchObject({
    backup: expect.not.stringContaining(id),
    position: 9,
    timeline: 5,
    eventsLost: 0,
  });
});
