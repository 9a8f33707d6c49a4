import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRepository } from '@kiroku/backup';
import {
  connectionUrls,
  createBackup,
  drill,
  exportHead,
  type Installation,
  type OnProgress,
  planRestore,
  type RestoreProgress,
  restore,
  Supervisor,
} from '@kiroku/operations';
import { createPool, PostgresEventStore, PostgresSafetyReports } from '@kiroku/postgres';
import { InMemoryKeyStore } from '@kiroku/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testInstallation } from '../backup/test-installation.ts';
import { mayMount, missingDisk, SmallDisk } from '../disk-full/small-disk.ts';

const kiroku = fileURLToPath(new URL('../../apps/cli/bin/kiroku.mjs', import.meta.url));
const program = fileURLToPath(new URL('./restore-process.mjs', import.meta.url));
/** Of the databases: in memory, which is quicker, too; the backups are elsewhere. */
let disk: SmallDisk | undefined;
let root: string;
let installation: Installation;
let supervisor: Supervisor;
/** Hears what the supervisor tells. */
let told: OnProgress = () => undefined;
let backup: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-killed-restore-'));
  await chmod(root, 0o755); // as root, the server runs as another account
  disk = mayMount ? await SmallDisk.mount(700) : undefined;
  installation = await testInstallation({
    root,
    dataDirectory: join(disk?.path ?? root, 'data'),
    backup: { repository: { place: join(root, 'backups') } },
  });
  supervisor = new Supervisor({ installation, onProgress: (progress) => told(progress) });
  await supervisor.start();
  await append(3);
  backup = (await createBackup(installation, { repository: await repository() })).id;
  await append(2);
});
afterAll(async () => {
  await supervisor.stop();
  await disk?.[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const repository = () => openRepository(installation.backup.repository);

async function append(count: number): Promise<void> {
  const store = new PostgresEventStore({ url: (await connectionUrls(installation, 'service')).event_store });
  for (let one = 0; one < count; one++) {
    const events = [{ type: 'Noted', data: { number: one } }];
    await store.append({ streams: [{ stream: `note-${crypto.randomUUID()}`, expectedVersion: 'noStream', events }] });
  }
  await store.stop();
}

async function killAt(step: string): Promise<void> {
  const child = fork(program, [], { execArgv: [], env: { ...process.env, RESTORE: JSON.stringify({ installation, backup }) } });
  child.on('message', (text) => {
    if (typeof text === 'string' && text.startsWith(step)) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}

/** `kiroku backup create`, so slow that a signal comes while it copies. Returns its exit code, and how it was ended. */
async function cutOff(
  signal: 'SIGINT' | 'SIGKILL',
): Promise<{ readonly code: number | null; readonly by: string | null; readonly said: string }> {
  await writeFile(join(root, 'kiroku.config.mjs'), `export default ${JSON.stringify(installation.config)}`);
  const { port } = new URL((await connectionUrls(installation, 'superuser')).event_store);
  const child = spawn(process.execPath, [kiroku, 'backup', 'create', '--max-rate', '1'], {
    cwd: root,
    env: { ...process.env, KIROKU_DATA_DIR: installation.dataDirectory, POSTGRES_PORT: port, BACKUP_URL: join(root, 'backups') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await expect.poll(copying, { timeout: 60_000 }).toBe(true);
  child.kill(signal);
  const [code, by] = await once(child, 'exit');
  return { code, by, said };
}

async function copying(): Promise<boolean> {
  const { unfinished } = await (await repository()).list();
  const parts = unfinished.map(({ id }) => readdir(join(root, 'backups', 'backups', id, 'parts')).catch(() => []));
  return (await Promise.all(parts)).flat().length > 0 && (await slots()) === 1;
}

/** Of replication: a copy has one, as long as its connection lives. */
async function slots(): Promise<number> {
  await using pool = createPool({ url: (await connectionUrls(installation, 'superuser')).event_store, applicationName: 'test', max: 1 });
  return (await pool.query<{ n: number }>('select count(*)::int as n from pg_replication_slots')).rows[0]?.n ?? -1;
}

async function latest(kind: 'backup' | 'drill') {
  await using pool = createPool({ url: (await connectionUrls(installation, 'service')).command_db, applicationName: 'test', max: 1 });
  return (await new PostgresSafetyReports({ pool }).latest())[kind]?.latest;
}

/** When the disk becomes full under a restore. */
const moments: readonly (readonly [while_: string, come: (progress: RestoreProgress) => boolean])[] = [
  ['unpacks', (progress) => progress.kind === 'progress' && progress.unit === 'bytes'],
  ['applies the log', (progress) => progress.kind === 'progress' && progress.unit === 'segments of log'],
  ['proves what it restored', (progress) => progress.kind === 'step' && progress.text.startsWith('Verifying')],
];

// before the other backups: they let go of the log after the first, which is not archived here
test.skipIf(!mayMount).each(moments)(
  `a restore under which the disk becomes full while it %s leaves nothing, and what is in use as it was${missingDisk}`,
  async (_, hasCome) => {
    const before = await exportHead(installation);
    const from = await repository();
    const plan = await planRestore(installation, from, { kind: 'latest' });
    const fill = (progress: RestoreProgress) => {
      if (hasCome(progress)) disk?.fillNow();
    };
    const options = { repository: from, keys: new InMemoryKeyStore(), agree: async () => true, onProgress: fill };
    await expect(restore(installation, plan, options)).rejects.toMatchObject({
      code: 'RestoreRefused',
      message: expect.stringMatching(/full.*Make room/),
    });
    await disk?.free();
    expect(await readdir(join(installation.dataDirectory, 'postgres'))).not.toContain('restoring');
    expect(await exportHead(installation)).toMatchObject({ position: before.position, hash: before.hash, timeline: before.timeline });
  },
);

test.skipIf(!mayMount)(`neither a restore nor a drill begins on a disk that is full${missingDisk}`, async () => {
  const from = await repository();
  const plan = await planRestore(installation, from, { kind: 'latest' });
  const options = { repository: from, keys: new InMemoryKeyStore(), agree: async () => true };
  const refused = { code: 'RestoreRefused', message: expect.stringMatching(/full.*Make room/) };
  disk?.fillNow();
  await expect(restore(installation, plan, options)).rejects.toMatchObject(refused);
  await expect(drill(installation, { repository: from, keysIn: () => options.keys })).rejects.toMatchObject(refused);
  await disk?.free();
  expect((await readdir(installation.dataDirectory)).filter((name) => name.startsWith('restore.lock'))).toEqual([]);
});

test('a second restore, or a drill, beside one that is under way is refused, and the first goes on', async () => {
  const from = await repository();
  const plan = await planRestore(installation, from, { kind: 'latest' });
  const options = { repository: from, keys: new InMemoryKeyStore(), agree: async () => true };
  const underWay = { code: 'RestoreRefused', message: expect.stringMatching(/under way.*process \d+.*Wait for it/) };
  const beside: Promise<void>[] = [];
  const both = async () => {
    await expect(restore(installation, plan, options)).rejects.toMatchObject(underWay);
    await expect(drill(installation, { repository: from, keysIn: () => options.keys })).rejects.toMatchObject(underWay);
  };
  const agree = async () => {
    beside.push(both());
    await Promise.all(beside);
    return false;
  };
  await expect(restore(installation, plan, { ...options, agree })).rejects.toThrow('What is in use was not changed');
  expect(beside).toHaveLength(1);
});

test('a backup that is interrupted says so, and leaves nothing', async () => {
  expect(await cutOff('SIGINT')).toMatchObject({ code: 1, said: expect.stringContaining('Interrupted') });
  expect(await (await repository()).list()).toMatchObject({ backups: [{ id: backup }], unfinished: [] });
  await expect.poll(slots).toBe(0);
});

test('one that is killed counts as none, leaves neither slot nor backup mode, and the next is made', async () => {
  expect(await cutOff('SIGKILL')).toMatchObject({ by: 'SIGKILL' });
  expect(await (await repository()).list()).toMatchObject({ backups: [{ id: backup }], unfinished: [expect.anything()] });
  await expect.poll(slots).toBe(0);
  const next = await createBackup(installation, { repository: await repository() });
  expect((await (await repository()).list()).backups.map(({ id }) => id)).toEqual([backup, next.id]);
  await (await repository()).delete(next.id);
});

test('killed while it proves what it restored, what is in use is as it was', async () => {
  const before = await exportHead(installation);
  await killAt('Verifying');
  expect(await exportHead(installation)).toMatchObject({ position: before.position, hash: before.hash, timeline: before.timeline });
});

test('killed as it switches, everything runs on what was in use or on what was restored, and the next restore goes through', async () => {
  await killAt('Switching');
  const head = () => exportHead(installation).catch(() => ({ position: 0 })); // the supervisor may be switching
  await expect.poll(async () => [3, 5].includes((await head()).position), { timeout: 60_000, interval: 500 }).toBe(true);
  const from = await repository();
  const plan = await planRestore(installation, from, { kind: 'backup', id: backup });
  await restore(installation, plan, { repository: from, keys: new InMemoryKeyStore(), agree: async () => true });
  expect(await head()).toMatchObject({ position: 3 });
  expect(await readdir(join(installation.dataDirectory, 'postgres'))).not.toContain('restoring');
});

test('a drill that is interrupted says nothing about the backups, and leaves nothing', async () => {
  const from = await repository();
  const before = (await from.listReports('drills')).length;
  const stopping = new AbortController();
  const onProgress = (progress: RestoreProgress) => {
    if (progress.kind === 'step' && progress.text.startsWith('Verifying')) stopping.abort();
  };
  const keysIn = () => new InMemoryKeyStore();
  await expect(drill(installation, { repository: from, keysIn, onProgress, signal: stopping.signal })).rejects.toMatchObject({
    code: 'Stopping',
  });
  expect((await from.listReports('drills')).length).toBe(before);
  expect(await latest('drill')).toBeUndefined();
});

test('a backup that fails is known as one that did, until the next that goes well', async () => {
  const from = await repository();
  vi.spyOn(from, 'begin').mockRejectedValueOnce(new Error('the store is full'));
  await expect(createBackup(installation, { repository: from })).rejects.toThrow('the store is full');
  expect(await latest('backup')).toMatchObject({ succeeded: false, report: { error: 'the store is full' } });
  const { id } = await createBackup(installation, { repository: from });
  expect(await latest('backup')).toMatchObject({ succeeded: true, id });
});

test('stopped as it switches, the supervisor ends with one of both in its place, and whoever asked is told which', async () => {
  await append(1);
  const { position } = await exportHead(installation);
  const from = await repository();
  const plan = await planRestore(installation, from, { kind: 'backup', id: backup });
  let stopped: Promise<void> | undefined;
  told = (progress) => {
    if (progress.kind === 'step' && progress.text.startsWith('Stopping everything')) stopped ??= supervisor.stop();
  };
  const restored = await restore(installation, plan, { repository: from, keys: new InMemoryKeyStore(), agree: async () => true }).then(
    () => true,
    () => false,
  );
  await stopped;
  supervisor = new Supervisor({ installation, onProgress: () => undefined });
  await supervisor.start();
  expect((await exportHead(installation)).position).toBe(restored ? 3 : position);
});
