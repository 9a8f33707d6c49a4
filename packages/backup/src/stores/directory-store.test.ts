import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directoryFault } from './directory-fault.ts';
import { DirectoryStore } from './directory-store.ts';
import { namesOf, objectStoreContract, pieces, textOf } from './object-store.test-suite.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-store-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let made = 0;
function emptyDirectory(): string {
  made += 1;
  return join(root, String(made), 'backups');
}

const isRoot = process.getuid?.() === 0;

describe('a directory', () => {
  objectStoreContract(async () => new DirectoryStore(emptyDirectory()));

  test('keeps what nobody else may read', async () => {
    const store = new DirectoryStore(emptyDirectory());
    await store.put('a/b', pieces('x'));
    expect((await stat(join(store.place, 'a/b'))).mode & 0o077).toBe(0);
    expect((await stat(join(store.place, 'a'))).mode & 0o077).toBe(0);
  });

  test('leaves no directory behind for what was deleted, but itself', async () => {
    const store = new DirectoryStore(emptyDirectory());
    await store.put('backups/1/parts/x', pieces('x'));
    await store.delete('backups/1/parts/x');
    expect(await readdir(store.place)).toEqual([]);
  });

  test('does not show what a put that was killed has left, and removes it once it is old', async () => {
    const store = new DirectoryStore(emptyDirectory());
    await store.put('a/b', pieces('x'));
    const [old, fresh] = ['.b.0123456789ab.new', '.b.ba9876543210.new'];
    for (const name of [old, fresh]) await writeFile(join(store.place, 'a', name), 'half');
    await utimes(join(store.place, 'a', old), 0, 0);
    expect(await namesOf(store, '')).toEqual(['a/b']);
    await store.removeLeftovers(new Date(1_000_000));
    expect((await readdir(join(store.place, 'a'))).sort()).toEqual([fresh, 'b']);
    expect(await textOf(store, 'a/b')).toBe('x');
  });

  test('that is a file says so', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(new DirectoryStore(file).put('a', pieces('x'))).rejects.toMatchObject({
      code: 'BackupStoreUnavailable',
      message: expect.stringContaining('BACKUP_URL'),
    });
  });

  test.skipIf(isRoot)(
    `that may not be written says so${isRoot ? ' (root may write anywhere: a refusal is not permitted here)' : ''}`,
    async () => {
      const store = new DirectoryStore(emptyDirectory());
      await store.put('a', pieces('x'));
      await chmod(store.place, 0o500);
      await expect(store.put('b', pieces('x'))).rejects.toMatchObject({
        code: 'BackupStoreUnavailable',
        message: expect.stringContaining('permissions'),
      });
    },
  );

  test('that is full, or may not be written, says what to do and where', () => {
    for (const [code, advice] of [
      ['ENOSPC', 'kiroku backup prune'],
      ['EACCES', 'permissions'],
      ['EROFS', 'read only'],
      ['EWHATEVER', 'BACKUP_URL'],
    ] as const) {
      const fault = directoryFault(Object.assign(new Error('said the system'), { code }), '/backups/a');
      expect(fault).toMatchObject({ code: 'BackupStoreUnavailable', retryable: true });
      expect(fault.message).toMatch(new RegExp(`^/backups/a: .*${advice}`));
    }
  });
});
