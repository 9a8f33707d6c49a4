import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JudgesKeyFiles } from '@kiroku/core';
import { tarOf } from '@kiroku/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgesStates } from './key-content.ts';
import { packKeys } from './pack-keys.ts';
import { putKeysBack } from './put-keys-back.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
});
afterAll(() => rm(root, { recursive: true }));

const otherThan = (path: string, text: string) =>
  path.replace('.json', `-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
/** Tells a key with a dot in it for damaged, as who can open it would. */
const judges: JudgesKeyFiles = {
  judge: (file, masters) => (/wrapped.*\./.test(file.text) ? 'damaged' : judgesStates.judge(file, masters)),
};
/** How many were put back. */
async function added(sources: Parameters<typeof putKeysBack>[0], directory: string): Promise<number> {
  const { added, beside, replaced } = await putKeysBack(sources, { directory, judges });
  return added.length + beside.length + replaced.length;
}
const keyText = (wrapped: string) => JSON.stringify({ version: 1, state: 'key', master: 'm', wrapped });
const master = (letter: string) => `${letter.repeat(43)}=`;
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
  const backedUp = await store('then', {
    'master.key': master('m'),
    [file('a')]: keyText('a'),
    [file('b')]: keyText('b'),
    [file('c')]: keyText('c'),
  });
  const present = await store('now', { 'master.key': master('m'), [file('b')]: tombstone, [file('c')]: keyText('c') });
  expect(await added([of(backedUp)], present)).toBe(1);
  const contents = await Promise.all(['a', 'b', 'c'].map((digit) => readFile(join(present, file(digit)), 'utf8')));
  expect(contents).toEqual([keyText('a'), tombstone, keyText('c')]);
  expect(await keysIn(present)).toEqual(['a', 'b', 'c'].map(file));
  expect((await stat(join(present, file('a')))).mode & 0o077).toBe(0);
});

test('a key comes beside another that was made in its place, once', async () => {
  const [then, now] = [keyText('then'), keyText('now')];
  const backedUp = await store('before it was lost', { [file('a')]: then });
  const present = await store('made anew', { [file('a')]: now });
  expect(await added([of(backedUp)], present)).toBe(1);
  expect(await added([of(backedUp)], present)).toBe(0);
  expect(await keysIn(present)).toEqual([file('a'), otherThan(file('a'), then)].sort());
  expect(await readFile(join(present, file('a')), 'utf8')).toBe(now);
  expect(await readFile(join(present, otherThan(file('a'), then)), 'utf8')).toBe(then);
  const elsewhere = join(root, 'from several');
  expect(await added([of(backedUp), of(present)], elsewhere)).toBe(2);
  expect(await keysIn(elsewhere)).toEqual(await keysIn(present));
});

test('a key that was kept after it was made in the place of another does not displace that', async () => {
  const [then, now] = [keyText('then'), keyText('now')];
  const sources = [await store('with the first', { [file('a')]: then }), await store('with the second', { [file('a')]: now })];
  const present = join(root, 'lost with the machine');
  expect(await added(sources.map(of), present)).toBe(2);
  expect(await readFile(join(present, file('a')), 'utf8')).toBe(now);
  expect(await readFile(join(present, otherThan(file('a'), then)), 'utf8')).toBe(then);
});

test('of whom was forgotten, no other key comes either', async () => {
  const [then, now] = [keyText('then'), keyText('now')];
  const both = { [file('a')]: now, [otherThan(file('a'), then)]: then };
  const sources = [await store('with both', both), await store('with neither', { [file('a')]: tombstone })];
  const present = join(root, 'forgotten in one');
  expect(await added(sources.map(of), present)).toBe(1);
  expect(await keysIn(present)).toEqual([file('a')]);
  const already = await store('forgotten already', { [file('a')]: tombstone });
  expect(await added(sources.slice(0, 1).map(of), already)).toBe(0);
  expect(await keysIn(already)).toEqual([file('a')]);
});

test('what is no key is neither backed up nor restored', async () => {
  const backedUp = await store('mixed', { [`${file('d')}.new-1`]: 'cut off', 'notes.txt': 'x', [file('d')]: keyText('d') });
  const present = join(root, 'empty');
  expect(await added([of(backedUp)], present)).toBe(1);
  const stray = tarOf(async (tar) => tar.text('notes.txt', 'x'));
  expect(await added([{ read: () => stray }], present)).toBe(0);
});

test('a store that cannot be read is not backed up as one that is empty', async () => {
  const file = join(root, 'no directory');
  await writeFile(file, '');
  await expect(added([of(file)], join(root, 'not made'))).rejects.toMatchObject({ code: 'KeyStoreUnavailable' });
});

test('a tar that leads out of the store is refused', async () => {
  const evil = tarOf(async (tar) => tar.text(`../${file('e')}`, 'x'));
  await expect(added([{ read: () => evil }], join(root, 'guarded'))).rejects.toMatchObject({ code: 'BackupDamaged' });
});

test('of several, what any has is added, but who was forgotten in one is in all, in whatever order', async () => {
  const backedUp = await store('backed up', { [file('a')]: keyText('a'), [file('b')]: keyText('b') });
  const kept = await store('kept after it', { [file('b')]: tombstone, [file('c')]: keyText('c') });
  for (const [name, sources] of [
    ['in order', [backedUp, kept]],
    ['the other way', [kept, backedUp]],
  ] as const) {
    const present = join(root, name);
    expect(await added(sources.map(of), present)).toBe(3);
    const contents = await Promise.all(['a', 'b', 'c'].map((digit) => readFile(join(present, file(digit)), 'utf8')));
    expect(contents).toEqual([keyText('a'), tombstone, keyText('c')]);
  }
});

test('what a restore that was killed had left is removed: it may know who was forgotten since', async () => {
  const present = await store('was killed', { [`restoring-1/merged/${file('a')}`]: keyText('a') });
  await added([of(present)], present);
  expect((await readdir(present)).filter((name) => name.startsWith('restoring-'))).toEqual([]);
});

const inStore = (directory: string, path: string) => readFile(join(directory, path), 'utf8');

test.each([
  ['empty', ''],
  ['cut short', keyText('a').slice(0, 20)],
  ['cut shorter', keyText('a').slice(0, 40)],
  ['of zeros', '\0'.repeat(140)],
  ['with a bit turned', keyText('a.')],
])('a key whose file is %s is replaced', async (how, damaged) => {
  const backedUp = await store(`before it was ${how}`, { [file('a')]: keyText('a') });
  const present = await store(`now ${how}`, { [file('a')]: damaged, [file('b')]: keyText('b') });
  const dry = await putKeysBack([of(backedUp)], { directory: present, judges, dryRun: true });
  expect(await inStore(present, file('a'))).toBe(damaged);
  expect(dry).toMatchObject({ added: [], replaced: [file('a')], damaged: [] });
  expect(await putKeysBack([of(backedUp)], { directory: present, judges })).toEqual(dry);
  expect(await inStore(present, file('a'))).toBe(keyText('a'));
  expect((await readdir(present)).sort()).toEqual(['aa', 'bb']);
});

test('what was damaged when it was kept displaces nothing, and is not put back', async () => {
  const whole = await store('kept whole', { [file('a')]: keyText('a'), [file('b')]: keyText('b') });
  const damaged = await store('kept damaged', { [file('a')]: keyText('a.'), [file('b')]: '', [file('c')]: 'half' });
  const present = await store('damaged as well', { [file('a')]: '', [file('c')]: 'half' });
  const back = await putKeysBack([of(whole), of(damaged)], { directory: present, judges });
  expect(back).toEqual({
    added: [file('b')],
    beside: [],
    replaced: [file('a')],
    unclear: [file('a')],
    damaged: [file('c')],
    remembered: [],
  });
  expect(await inStore(present, file('a'))).toBe(keyText('a'));
  expect(await keysIn(present)).toEqual(['a', 'b', 'c'].map(file));
});

test('whom a damaged file says to be forgotten stays so, in the store and in what was kept', async () => {
  const backedUp = await store('when they were known', { [file('a')]: keyText('a'), [file('b')]: keyText('b'), [file('d')]: keyText('d') });
  const since = await store('damaged since', { [file('b')]: tombstone.slice(0, 26) });
  const present = await store('forgotten since', { [file('a')]: tombstone.slice(0, 23), [file('c')]: tombstone.replace('state', 'stat_') });
  const back = await putKeysBack([of(backedUp), of(since)], { directory: present, judges });
  expect(back).toMatchObject({ added: [file('b'), file('d')], replaced: [file('a'), file('c')], unclear: [], damaged: [] });
  const contents = await Promise.all(['a', 'b', 'c'].map((digit) => inStore(present, file(digit))));
  expect(contents.map((text) => JSON.parse(text).state)).toEqual(['forgotten', 'forgotten', 'forgotten']);
});

test('what is left of the word that somebody was forgotten is there until that is written anew: were it lost, they would be known again', async () => {
  const backedUp = await store('before they were forgotten', { [file('a')]: keyText('a') });
  const present = await store('told by half', { [file('a')]: tombstone.slice(0, 30) });
  let [isOver, timesGone] = [false, 0];
  const look = () => {
    if (!existsSync(join(present, file('a')))) timesGone++;
    if (!isOver) setImmediate(look);
  };
  look();
  expect(await added([of(backedUp)], present)).toBe(1);
  isOver = true;
  expect(timesGone).toBe(0);
  expect(await inStore(present, file('a'))).toContain('"forgotten"');
});

test('nothing of a damaged key is left beside what replaced it', async () => {
  const backedUp = await store('with another', { [file('a')]: keyText('now'), [otherThan(file('a'), keyText('then'))]: keyText('then') });
  const present = await store('with another, damaged', { [file('a')]: keyText('n.'), [otherThan(file('a'), keyText('then'))]: '' });
  expect(await added([of(backedUp)], present)).toBe(2);
  expect(await readdir(present, { recursive: true })).toHaveLength(3);
});

test('a master key comes beside one that was generated in its place', async () => {
  const backedUp = await store('with its master key', { 'master.key': master('m'), [file('a')]: keyText('a') });
  const present = await store('with a new one', { 'master.key': master('n') });
  expect(await putKeysBack([of(backedUp)], { directory: present, judges })).toMatchObject({
    added: [file('a')],
    beside: [expect.stringMatching(/^master-[0-9a-f]{16}\.key$/)],
  });
  expect(await added([of(present)], join(root, 'from both'))).toBe(3);
});

test('a look at what would be put back leaves nothing, not even the directory', async () => {
  const backedUp = await store('looked at', { [file('a')]: keyText('a') });
  const present = join(root, 'not there yet');
  expect(await putKeysBack([of(backedUp)], { directory: present, judges, dryRun: true })).toMatchObject({ added: [file('a')] });
  await expect(stat(present)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a key that is there although its subject was forgotten is told, and left to people', async () => {
  const backedUp = await store('once forgotten', { [file('a')]: tombstone });
  const present = await store('copied back by hand', { [file('a')]: keyText('a') });
  expect(await putKeysBack([of(backedUp)], { directory: present, judges })).toMatchObject({
    added: [],
    replaced: [],
    remembered: [file('a')],
  });
  expect(await inStore(present, file('a'))).toBe(keyText('a'));
});

test('a store that cannot be changed is told as such', async () => {
  const backedUp = await store('for no directory', { [file('a')]: keyText('a') });
  const present = join(root, 'a file');
  await writeFile(present, '');
  await expect(putKeysBack([of(backedUp)], { directory: present, judges })).rejects.toMatchObject({
    code: 'KeyStoreUnavailable',
    message: expect.stringContaining('put back'),
  });
});

test.skipIf(process.getuid?.() !== 0)('what root puts back belongs to whom the store does: the services could not read it', async () => {
  const backedUp = await store('of services', { [file('a')]: keyText('a'), [file('b')]: tombstone });
  const present = await store('of somebody', { [file('b')]: tombstone.slice(0, 30) });
  for (const path of ['', 'bb', file('b')]) await chown(join(present, path), 65_534, 65_533);
  expect(await added([of(backedUp)], present)).toBe(2);
  const owners = await Promise.all(['aa', file('a'), file('b')].map((path) => stat(join(present, path))));
  expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual(Array.from({ length: 3 }, () => [65_534, 65_533]));
});
