import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serverPlace } from '../embedded/server-place.ts';
import { handOverWal } from './hand-over.ts';

let root: string;
let directory: string;
let wal: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-hand-over-'));
  await chmod(root, 0o755); // as root, the server is another account's
  directory = join(root, 'postgres');
  wal = join((await serverPlace(directory)).home.directory, 'cluster', 'pg_wal');
  await mkdir(join(wal, 'archive_status'), { recursive: true });
  await mkdir(join(wal, '../../archived'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const segment = '000000010000000000000001';

async function isReady(): Promise<void> {
  await writeFile(join(wal, segment), 'log');
  await writeFile(join(wal, 'archive_status', `${segment}.ready`), '');
}

test('what has to be kept before the log is, and if it cannot be, no log is kept, and the server keeps it', async () => {
  await isReady();
  const done: string[] = [];
  const keep = async (name: string) => void done.push(name);
  const full = async () => Promise.reject(new Error('no room'));
  await expect(handOverWal({ directory, before: full, keep })).rejects.toThrow('no room');
  expect(done).toEqual([]);
  expect(await readdir(join(wal, '../../archived'))).toEqual([]);
  await handOverWal({ directory, before: async () => void done.push('before'), keep });
  expect(done).toEqual(['before', segment]);
});

test('nothing has to be kept before no log', async () => {
  let asked = false;
  const before = async () => {
    asked = true;
  };
  expect(await handOverWal({ directory, before, keep: async () => undefined })).toEqual([]);
  expect(asked).toBe(false);
});
