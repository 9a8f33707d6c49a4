import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BackupRepository, openRepository } from '@kiroku/backup';
import { unpackTar } from '@kiroku/postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptKeyIds } from './kept-keys.ts';
import { KeyKeeper } from './key-keeper.ts';

let root: string;
let keys: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-key-keeper-'));
  keys = join(root, 'keys');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const secret = 'a secret of thirty-two characters';
const tombstone = JSON.stringify({ version: 1, state: 'forgotten', at: '2026-11-27T22:18:46.000Z' });
const fileOf = (digit: string) => `${digit.repeat(2)}/${digit.repeat(64)}.json`;
const encrypted = () => openRepository({ place: join(root, 'backups'), key: secret });

/** As the store of keys does it: whole or not at all. */
async function put(digit: string, text = `key ${digit}`): Promise<void> {
  const file = join(keys, fileOf(digit));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new-1`, text);
  await rename(`${file}.new-1`, file);
}

/** What each piece holds, the oldest first. */
async function kept(repository: BackupRepository): Promise<readonly (readonly string[])[]> {
  const pieces: string[][] = [];
  for (const id of await keptKeyIds(repository)) {
    const directory = await mkdtemp(join(root, 'unpacked-'));
    pieces.push([...(await unpackTar(repository.readKeys(id), { directory }))]);
  }
  return pieces;
}

describe('keys that are kept beside the log', () => {
  test('are those that came since, each once, and nothing is written when none did', async () => {
    const [repository, keeper] = [await encrypted(), new KeyKeeper(keys)];
    const counts = [await keeper.keep(repository)];
    await put('a');
    await put('b');
    counts.push(await keeper.keep(repository), await keeper.keep(repository));
    await put('c');
    counts.push(await keeper.keep(repository));
    expect(counts).toEqual([0, 2, 0, 1]);
    expect(await kept(repository)).toEqual([[fileOf('a'), fileOf('b')], [fileOf('c')]]);
  });

  test('are kept by the next process if this one ends before it could', async () => {
    const repository = await encrypted();
    await put('a');
    await new KeyKeeper(keys).keep(repository);
    await put('b');
    const next = new KeyKeeper(keys);
    await next.keep(repository);
    expect((await kept(repository)).flat()).toContain(fileOf('b'));
  });

  test('are found again if the repository did not take them', async () => {
    const [repository, keeper] = [await encrypted(), new KeyKeeper(keys)];
    await put('a');
    await writeFile(join(root, 'backups'), 'in the way');
    await expect(keeper.keep(repository)).rejects.toMatchObject({ code: 'BackupStoreUnavailable' });
    await rm(join(root, 'backups'));
    await keeper.keep(repository);
    expect(await kept(repository)).toEqual([[fileOf('a')]]);
  });

  test('are found however long ago their directory was made, and whatever times were given to them', async () => {
    const [repository, keeper] = [await encrypted(), new KeyKeeper(keys)];
    await put('a');
    await keeper.keep(repository);
    await put('b');
    await utimes(join(keys, fileOf('b')), 0, 0); // as a copy that preserves times
    await utimes(join(keys, 'bb'), 0, 0);
    await keeper.keep(repository);
    expect(await kept(repository)).toEqual([[fileOf('a')], [fileOf('b')]]);
  });

  test('wait for log that needs them, unless somebody was forgotten: that is kept at once', async () => {
    const repository = await encrypted();
    await put('a');
    await new KeyKeeper(keys).keepForgotten(repository);
    expect(await kept(repository)).toEqual([]);
    await put('a', tombstone);
    await new KeyKeeper(keys).keepForgotten(repository);
    expect(await kept(repository)).toEqual([[fileOf('a')]]);
  });

  test('say nothing about whose they are in their names, nor in the clear', async () => {
    const [repository, keeper] = [await encrypted(), new KeyKeeper(keys)];
    await put('a');
    await keeper.keep(repository);
    expect(await readdir(join(root, 'backups', 'keys'))).toEqual([expect.stringMatching(/^\d{8}T\d{9}Z-[0-9a-f]{4}$/)]);
  });

  test('are not kept where nothing is encrypted', async () => {
    const repository = await openRepository({ place: join(root, 'open') });
    await put('a');
    await new KeyKeeper(keys).keep(repository);
    expect(await keptKeyIds(repository)).toEqual([]);
  });

  test('that cannot be read are a fault, so that no log is kept without them', async () => {
    await writeFile(keys, 'no directory');
    await expect(new KeyKeeper(keys).keep(await encrypted())).rejects.toMatchObject({ code: 'KeyStoreUnavailable' });
  });
});
