import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedCluster } from '@kiroku/postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterDirectories } from './cluster-directories.ts';

/** In memory, on Linux. */
const otherDisk = '/dev/shm';
const shared = await stat(otherDisk).catch(() => undefined);
const hasOther = shared !== undefined && shared.dev !== (await stat(tmpdir())).dev;

let root: string;
let other: string | undefined;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-cluster-'));
  await chmod(root, 0o755); // as root, the server is another account's
});
afterEach(async () => {
  for (const directory of [root, other]) if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

test('the log of the server is looked at by itself if it is on another disk, and not otherwise', async () => {
  const directory = join(root, 'postgres');
  const cluster = await embeddedCluster(directory);
  expect(await clusterDirectories(directory)).toEqual({ databases: cluster });
  const wal = join(cluster, 'pg_wal');
  await mkdir(wal, { recursive: true });
  expect(await clusterDirectories(directory)).toEqual({ databases: cluster });
  if (!hasOther) return;
  other = await mkdtemp(join(otherDisk, 'kiroku-wal-'));
  await rm(wal, { recursive: true });
  await symlink(other, wal);
  expect(await clusterDirectories(directory)).toEqual({ databases: cluster, 'write-ahead log': wal });
});
