import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

const of = (directory: string) => ({ read: () => packKeys(directory) });

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
  expect(await addMissingKeys([of(backedUp)], present)).toBe(1);
  const contents = await Promise.all(['a', 'b', 'c'].map((digit) => readFile(join(present, file(digit)), 'utf8')));
  expect(contents).toEqual(['key a', 'forgotten', 'key c now']);
  expect((await stat(join(present, file('a')))).mode & 0o077).toBe(0);
});

test('what is no key is neither backed up nor restored', async () => {
  const backedUp = await store('mixed', { [`${file('d')}.new-1`]: 'cut off', 'notes.txt': 'x', [file('d')]: 'key d' });
  const present = join(root, 'empty');
  expect(await addMissingKeys([of(backedUp)], present)).toBe(1);
  const stray = tarOf(async (tar) => tar.text('notes.txt', 'x'));
  expect(await addMissingKeys([{ read: () => stray }], present)).toBe(0);
});

test('a store that cannot be read is not backed up as one that is empty', async () => {
  const file = join(root, 'no directory');
  await writeFile(file, '');
  await expect(addMissingKeys([of(file)], join(root, 'not made'))).rejects.toMatchObject({ code: 'KeyStoreUnavailable' });
});

test('a tar that leads out of the store is refused', async () => {
  const evil = tarOf(async (tar) => tar.text(`../${file('e')}`, 'x'));
  await expect(addMissingKeys([{ read: () => evil }], join(root, 'guarded'))).rejects.toMatchObject({ code: 'BackupDamaged' });
});

test('of several, what any has is added, but who was forgotten in one is in all, in whatever order', async () => {
  const tombstone = JSON.stringify({ version: 1, state: 'forgotten', at: '2026-11-27T22:18:46.000Z' });
  const backedUp = await store('backed up', { [file('a')]: 'key a', [file('b')]: 'key b' });
  const kept = await store('kept after it', { [file('b')]: tombstone, [file('c')]: 'key c' });
  for (const [name, sources] of [
    ['in order', [backedUp, kept]],
    ['the other way', [kept, backedUp]],
  ] as const) {
    const present = join(root, name);
    expect(await addMissingKeys(sources.map(of), present)).toBe(3);
    const contents = await Promise.all(['a', 'b', 'c'].map((digit) => readFile(join(present, file(digit)), 'utf8')));
    expect(contents).toEqual(['key a', tombstone, 'key c']);
  }
});

test('what a restore that was killed had left is removed: it may know who was forgotten since', async () => {
  const present = await store('was killed', { [`restoring-1/merged/${file('a')}`]: 'key a' });
  await addMissingKeys([of(present)], present);
  expect((await readdir(present)).filter((name) => name.startsWith('restoring-'))).toEqual([]);
});
