// Backup and restore of the embedded server against pg_basebackup and tar with the same compression, alternating rounds, the median: both until what is
// restored is durable and answers. Then what a backup costs the appends beside it, over its whole length. Needs pg_basebackup 17 (apt-get install postgresql-client-17) and zstd. BACKUP_EVENTS sets the size.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openRepository } from '@kiroku/backup';
import { streamName } from '@kiroku/core';
import { restoreCluster } from '@kiroku/operations';
import { EmbeddedPostgres, findTool, PostgresEventStore, syncFiles } from '@kiroku/postgres';
import Table from 'cli-table3';
import { v7 as uuid } from 'uuid';
import { backedUpShop } from './backed-up-shop.ts';
import type { BackupWanted } from './backup-once.ts';
import { orderPlaced } from './order-event.ts';
import { freePort } from './server.ts';

const run = promisify(execFile);
const events = Number(process.env.BACKUP_EVENTS ?? 5_000_000);
const rounds = Number(process.env.BACKUP_ROUNDS ?? 3);
const seconds = Number(process.env.BENCH_SECONDS ?? 10);
const level = 1;

const pgBasebackup = (await findTool('pg_dump', 17)).replace(/pg_dump$/, 'pg_basebackup');
await using shop = await backedUpShop(events);
const repository = await openRepository(shop.installation.backup.repository);
const times = { ours: { backup: [] as number[], restore: [] as number[] }, bare: { backup: [] as number[], restore: [] as number[] } };
const sizes = { ours: 0, bare: 0 };
for (let round = 0; round < rounds; round++) {
  const one = [ours, bare];
  for (const measure of round % 2 === 0 ? one : one.reverse()) await measure();
}

const table = new Table({ head: ['', 'kiroku, s', 'pg_basebackup and tar, s', 'ratio'] });
for (const what of ['backup', 'restore'] as const) {
  const [mine, theirs] = [middle(times.ours[what]), middle(times.bare[what])];
  table.push([what, mine.toFixed(1), theirs.toFixed(1), `${(mine / theirs).toFixed(2)} ×`]);
}
process.stdout.write(
  `Node ${process.version}, ${events.toLocaleString('en')} events, kept in ${megabytes(sizes.ours)} and ${megabytes(sizes.bare)} MB\n${table.toString()}\n`,
);

for (const [how, pace] of [
  ['as quick as it goes', {}],
  ['as kiroku up makes it', { maxBytesPerSecond: 40_000_000 }],
] as const) {
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) beside.push(await shareKept(pace));
  process.stdout.write(`appends keep ${Math.round(middle(beside) * 100)} % of their rate during a backup ${how}\n`);
}

/** Over a whole backup: the pages that it writes at its beginning cost more than what it copies later. */
async function shareKept(pace: Omit<BackupWanted, 'installation'>): Promise<number> {
  const alone = await appendRateDuring(() => sleep(seconds * 1_000));
  const during = await appendRateDuring(() => backUp(pace));
  process.stdout.write(`64 writers: ${Math.round(alone)} appends/s alone, ${Math.round(during)}/s during a backup\n`);
  return during / alone;
}

/** In a process of its own, as the command line is. */
async function backUp(
  pace: Omit<BackupWanted, 'installation'> = {},
): Promise<{ readonly id: string; readonly seconds: number; readonly storedBytes: number }> {
  const child = fork(fileURLToPath(new URL('./backup-once.js', import.meta.url)));
  const answered = once(child, 'message');
  child.send({ installation: shop.installation, ...pace } satisfies BackupWanted);
  const [made] = await answered;
  await once(child, 'exit');
  return made as Awaited<ReturnType<typeof backUp>>; // what backup-once.ts sends
}

async function ours(): Promise<void> {
  const made = await backUp();
  times.ours.backup.push(made.seconds);
  sizes.ours = made.storedBytes;
  const started = performance.now();
  const directory = join(shop.directory, 'restored');
  const server = await restoreCluster(shop.installation, {
    repository,
    manifest: await repository.manifest(made.id),
    target: { kind: 'end of backup' },
    directory,
    isDrill: false,
    onNotice: () => undefined,
    onProgress: () => undefined,
  });
  await server.stop();
  await syncFiles(join(directory, 'cluster'));
  const inUse = serverIn(directory, await freePort()); // the switch, without what stops before it
  await inUse.start();
  times.ours.restore.push((performance.now() - started) / 1_000);
  await inUse.stop();
  await rm(directory, { recursive: true, force: true });
  await repository.delete(made.id);
}

function serverIn(directory: string, port: number): EmbeddedPostgres {
  return new EmbeddedPostgres({ directory, port, superuserPassword: decodeURIComponent(new URL(shop.server.url).password) });
}

async function bare(): Promise<void> {
  const file = join(shop.directory, 'base.tar.zst');
  const started = performance.now();
  await run('sh', [
    '-c',
    `"$0" -D - -Ft -X fetch -c fast --compress=none -d "$1" | zstd -q -${level} -T2 -f -o "$2" && sync "$2"`,
    pgBasebackup,
    shop.server.url,
    file,
  ]);
  times.bare.backup.push((performance.now() - started) / 1_000);
  sizes.bare = (await stat(file)).size;
  await restoreBare(file);
  await rm(file);
}

async function restoreBare(file: string): Promise<void> {
  const directory = join(shop.directory, 'bare');
  const cluster = join(directory, 'cluster');
  const { uid, gid } = await stat(join(shop.installation.dataDirectory, 'postgres'));
  await mkdir(directory);
  await chown(directory, uid, gid);
  const started = performance.now();
  await run('sh', [
    '-c',
    `mkdir "$1" && zstd -q -dc "$0" | tar -x -C "$1" && chmod 700 "$1" && chown -R ${uid}:${gid} "$1" && sync`,
    file,
    cluster,
  ]);
  const server = serverIn(directory, await freePort());
  await server.start();
  times.bare.restore.push((performance.now() - started) / 1_000);
  await server.stop();
  await rm(directory, { recursive: true });
}

async function appendRateDuring(work: () => Promise<unknown>): Promise<number> {
  await using store = new PostgresEventStore({ url: shop.url });
  let [appended, working] = [0, true];
  const append = async () => {
    while (working) {
      await store.append({ streams: [{ stream: streamName('order', uuid()), expectedVersion: 'noStream', events: [orderPlaced()] }] });
      appended += 1;
    }
  };
  const started = performance.now();
  const appending = Array.from({ length: 64 }, append);
  await work();
  const rate = (appended / (performance.now() - started)) * 1_000;
  working = false;
  await Promise.all(appending);
  return rate;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1_000_000).toLocaleString('en');
}
