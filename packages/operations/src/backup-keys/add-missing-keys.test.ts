import { createHash } from 'node:crypto';
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

const otherThan = (path: string, text: string) =>
  path.replace('.json', `-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
const keyText = (wrapped: string) => JSON.stringify({ version: 1, state: 'key', master: 'm', wrapped });
const tombstone = JSON.stringify({ version: 1, state: 'forgotten', at: '2026-11-27T22:18:46.000Z' });
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

async function keysIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory, { recursive: true })).filter((path) => path.endsWith('.json')).sort();
}

test('keys that are missing are added, those that are there stay, and what was forgotten stays forgotten', async () => {
  const backedUp = await store('then', { 'master.key': 'm', [file('a')]: 'key a', [file('b')]: 'key b', [file('c')]: 'key c' });
  const present = await store('now', { 'master.key': 'another', [file('b')]: tombstone, [file('c')]: 'key c' });
  expect(await addMissingKeys([of(backedUp)], present)).toBe(1);
  const contents = await Promise.all(['a', 'b', 'c'].map((digit) => readFile(join(present, file(digit)), 'utf8')));
  expect(contents).toEqual(['key a', tombstone, 'key c']);
  expect(await keysIn(present)).toEqual(['a', 'b', 'c'].map(file));
  expect((await stat(join(present, file('a')))).mode & 0o077).toBe(0);
});

test('a key comes beside another that was made in its place, once', async () => {
  const [then, now] = [keyText('then'), keyText('now')];
  const backedUp = await store('before it was lost', { [file('a')]: then });
  const present = await store('made anew', { [file('a')]: now });
  expect(await addMissingKeys([of(backedUp)], present)).toBe(1);
  expect(await addMissingKeys([of(backedUp)], present)).toBe(0);
  expect(await keysIn(present)).toEqual([file('a'), otherThan(file('a'), then)].sort());
  expect(await readFile(join(present, file('a')), 'utf8')).toBe(now);
  expect(await readFile(join(present, otherThan(file('a'), then)), 'utf8')).toBe(then);
  const elsewhere = join(root, 'from several');
  expect(await addMissingKeys([of(backedUp), of(present)], elsewhere)).toBe(2);
  expect(await keysIn(elsewhere)).toEqual(await keysIn(present));
});

test('a key that was kept after it was made in the place of another does not displace that', async () => {
  const [then, now] = [keyText('then'), keyText('now')];
  const sources = [await store('with the first', { [file('a')]: then }), await store('with the second', { [file('a')]: now })];
  const present = join(root, 'lost with the machine');
  expect(await addMissingKeys(sources.map(of), present)).toBe(2);
  expect(await readFile(join(present, file('a')), 'utf8')).toBe(now);
  expect(await readFile(join(present, otherThan(file('a'), then)), 'utf8')).toBe(then);
});

test('of whom was forgotten, no other key comes either', async () => {
  const [then, now] = [keyText('then'), keyText('now')];
  const both = { [file('a')]: now, [otherThan(file('a'), then)]: then };
  const sources = [await store('with both', both), await store('with neither', { [file('a')]: tombstone })];
  const present = join(root, 'forgotten in one');
  expect(await addMissingKeys(sources.map(of), present)).toBe(1);
  expect(await keysIn(present)).toEqual([file('a')]);
  const already = await store('forgotten already', { [file('a')]: tombstone });
  expect(await addMissingKeys(sources.slice(0, 1).map(of), already)).toBe(0);
  expect(await keysIn(already)).toEqual([file('a')]);
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
