import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRepository } from '@kiroku/backup';
import { connectionUrls, createBackup, exportHead, type Installation, planRestore, restore, Supervisor } from '@kiroku/operations';
import { freePort, PostgresEventStore } from '@kiroku/postgres';
import { InMemoryKeyStore } from '@kiroku/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./restore-process.mjs', import.meta.url));
let root: string;
let installation: Installation;
let supervisor: Supervisor;
let backup: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-killed-restore-'));
  await chmod(root, 0o755); // as root, the server runs as another account
  installation = await installationIn(root);
  supervisor = new Supervisor({ installation, onProgress: () => undefined });
  await supervisor.start();
  await append(3);
  backup = (await createBackup(installation, { repository: await repository() })).id;
  await append(2);
});
afterAll(async () => {
  await supervisor.stop();
  await rm(root, { recursive: true, force: true });
});

async function installationIn(directory: string): Promise<Installation> {
  return {
    root: directory,
    config: { name: 'test', application: { name: 'test', aggregates: [], projections: [], processManagers: [] }, services: [] },
    dataDirectory: join(directory, 'data'),
    host: '127.0.0.1',
    postgresPort: await freePort(),
    databases: undefined,
    ports: {},
    stopTimeoutMs: 1_000,
    backup: {
      repository: { place: join(directory, 'backups') },
      besideData: false,
      method: 'auto',
      pgbackrest: { stanzas: [] },
      schedule: undefined,
      drillSchedule: undefined,
      keepDays: 30,
      archiveTimeoutSeconds: 60,
    },
    operator: { name: 'ada', source: 'test' },
    environment: {},
  };
}

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
