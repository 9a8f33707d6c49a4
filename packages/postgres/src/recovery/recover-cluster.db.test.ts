import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { freePort } from '../embedded/free-port.ts';
import { serverPlace } from '../embedded/server-place.ts';
import { BaseBackup } from '../physical-backup/base-backup.ts';
import { unpackTar } from '../physical-backup/unpack-tar.ts';
import { handOverWal } from '../wal-archive/hand-over.ts';
import { recoverCluster } from './recover-cluster.ts';
import type { RecoveryTarget } from './recovery-target.ts';

const kept = new Map<string, Buffer>();
const segmentBytes = 16 * 1024 * 1024;
let root: string;
let directory: string;
let server: EmbeddedPostgres;
let client: pg.Client;
let backup: { readonly files: Buffer; readonly wal: Buffer };
const recovered = new Set<EmbeddedPostgres>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-recovery-'));
  await chmod(root, 0o755); // as root, the server runs as another account
  directory = join(root, 'postgres');
  server = new EmbeddedPostgres({
    directory,
    port: await freePort(),
    superuserPassword: 'of this test',
    durable: false,
    archiving: { timeoutSeconds: 0 },
  });
  await server.start();
  client = await connected(server.url);
  await client.query('create table kept (number int); create unlogged table unkept (number int)');
  await client.query('insert into kept select generate_series(1, 100); insert into unkept values (1)');
  backup = await backUp();
});
afterEach(async () => {
  for (const one of recovered) await one.stop();
  recovered.clear();
  await rm(join(root, 'beside'), { recursive: true, force: true });
});
afterAll(async () => {
  await client.end();
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

async function connected(url: string): Promise<pg.Client> {
  const opened = new pg.Client(url);
  opened.on('error', () => undefined);
  await opened.connect();
  return opened;
}

async function backUp(whileReading: () => Promise<void> = async () => undefined) {
  await using made = await BaseBackup.begin({ url: server.url, cluster: join(directory, 'cluster'), label: 'of this test' });
  const files = await bytesOf(made.files(whileReading));
  return { files, wal: await bytesOf(made.wal()) };
}

async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Has the server end its segment, and keeps everything up to there. */
async function archive(): Promise<void> {
  const { rows } = await client.query("select pg_walfile_name(pg_switch_wal()) as name where pg_current_wal_lsn() > '0/0'");
  while (!kept.has(rows[0].name)) {
    await handOverWal({ directory, keep: async (name, content) => void kept.set(name, await bytesOf(content)) });
    await sleep(20);
  }
}

async function numberAt(target: RecoveryTarget, { files, wal } = backup, without?: string): Promise<number> {
  const beside = join(root, 'beside');
  const { home, account } = await serverPlace(beside);
  await unpackTar(one(files), { directory: join(home.directory, 'cluster'), account });
  await unpackTar(one(wal), { directory: join(home.directory, 'cluster', 'pg_wal'), account });
  return numberIn(beside, target, without);
}

/** In what is unpacked there. */
async function numberIn(beside: string, target: RecoveryTarget, without?: string): Promise<number> {
  const source = {
    archived: async () => new Set([...kept.keys()].filter((name) => name !== without)),
    read: (name: string) => one(kept.get(name)),
  };
  const result = await recoverCluster({
    directory: beside,
    port: await freePort(),
    superuserPassword: 'of the copy',
    isScratch: true,
    target,
    source,
    segmentBytes,
  });
  recovered.add(result);
  const there = await connected(result.url);
  const { rows } = await there.query('select count(*)::int + (select count(*)::int from unkept) as number from kept');
  await there.end();
  return rows[0].number;
}

async function* one(content: Uint8Array = new Uint8Array()) {
  yield content;
}

test('a copy that is made under writes is whole, and holds what was committed before it ended', async () => {
  const made = await backUp(async () => {
    await client.query('insert into kept values (101)');
  });
  expect(await numberAt({ kind: 'end of backup' }, made)).toBe(101);
});

test('after it, the server has no slot left and is in no backup mode', async () => {
  const begun = await BaseBackup.begin({ url: server.url, cluster: join(directory, 'cluster'), label: 'cut off' });
  await begun[Symbol.asyncDispose]();
  await expect.poll(async () => (await client.query('select 1 from pg_replication_slots')).rowCount).toBe(0);
});

test('the log is applied to a transaction, or to a time', async () => {
  const before = (await client.query('select count(*)::int as n from kept')).rows[0].n;
  await client.query('begin; insert into kept values (201)');
  const xid = (await client.query('select pg_current_xact_id()::xid::text as xid')).rows[0].xid;
  await client.query('commit');
  const time = (await client.query('select clock_timestamp()::text as time')).rows[0].time;
  await client.query('insert into kept values (202)');
  await archive();
  expect(await numberAt({ kind: 'transaction', xid })).toBe(before + 1);
  for (const one of recovered) await one.stop();
  await rm(join(root, 'beside'), { recursive: true });
  expect(await numberAt({ kind: 'time', time })).toBe(before + 1);
});

test('a time after the end of the log is not guessed at, and from there the log can be applied to its end', async () => {
  await expect(numberAt({ kind: 'time', time: new Date(Date.now() + 3_600_000).toISOString() })).rejects.toMatchObject({
    code: 'RestoreTargetOutOfRange',
    details: { end: 'log' },
  });
  const all = (await client.query('select count(*)::int as n from kept')).rows[0].n;
  expect(await numberIn(join(root, 'beside'), { kind: 'end of log' })).toBe(all);
});

test('a segment that is missing between others is named', async () => {
  await client.query('insert into kept values (301)');
  await archive();
  await client.query('insert into kept values (302)');
  await archive();
  const names = [...kept.keys()].filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
  const missing = names.at(-2);
  await expect(numberAt({ kind: 'end of log' }, backup, missing)).rejects.toMatchObject({
    code: 'WalMissing',
    details: { segment: missing },
  });
});

test('the server keeps what was not handed over, and is told of what was', async () => {
  await client.query('insert into kept values (401)');
  await archive();
  const ready = async () => (await readdir(join(directory, 'cluster/pg_wal/archive_status'))).filter((name) => name.endsWith('.ready'));
  await expect.poll(ready, { timeout: 90_000 }).toEqual([]); // the server may look for what it has to hand over once a minute
});
