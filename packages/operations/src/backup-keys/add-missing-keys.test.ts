import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tarOf } from '@kiroku/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addMissingKeys } from './add-missing-keys.ts';
import { packKeys } from './pack-keys.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
});
afterAll(() => rm(root, { recursive: true }));

const file = (digit: string) => `${digit.repeat(2)}/${digit.repeat(64)}.json`;

async function store(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(root, name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return directory;
}

test('keys that are missing are added, those that are there stay, and what was forgotten stays forgotten', async () => {
  const backedUp = await store('then', { 'master.key': 'm', [file('a')]: 'key a', [file('b')]: 'key b', [file('c')]: 'key c then' });
  const present = await store('now', { 'master.key': 'm', [file('b')]: 'forgotten', [file('c')]: 'key c now' });
  expect(await addMissingKeys(packKeys(backedUp), present)).toBe(1);
  const contents = await Promise.all(['a', 'b', 'c'].map((digit) => readFile(join(present, file(digit)), 'utf8')));
  expect(contents).toEqual(['key a', 'forgotten', 'key c now']);
  expect((await stat(join(present, file('a')))).mode & 0o077).toBe(0);
});

test('what is no key is neither backed up nor restored', async () => {
  const backedUp = await store('mixed', { [`${file('d')}.new-1`]: 'cut off', 'notes.txt': 'x', [file('d')]: 'key d' });
  const present = join(root, 'empty');
  expect(await addMissingKeys(packKeys(backedUp), present)).toBe(1);
  const stray = tarOf(async (tar) => tar.text('notes.txt', 'x'));
  expect(await addMissingKeys(stray, present)).toBe(0);
});

test('a tar that leads out of the store is refused', async () => {
  const evil = tarOf(async (tar) => tar.text(`../${file('e')}`, 'x'));
  await expect(addMissingKeys(evil, join(root, 'guarded'))).rejects.toMatchObject({ code: 'BackupDamaged' });
});
