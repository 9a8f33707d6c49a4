import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileKeyStore } from './file-key-store.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
});
afterEach(() => rm(directory, { recursive: true }));

const secret = 's'.repeat(64);
const open = (options: { readonly secret?: string } = { secret }) => new FileKeyStore({ directory, ...options });

/** The file of the only subject. */
async function written(store = open()): Promise<{ readonly path: string; readonly text: string }> {
  await store.keyFor('ada');
  const path = (await readdir(directory, { recursive: true })).find((name) => name.endsWith('.json')) ?? '';
  return { path, text: await readFile(join(directory, path), 'utf8') };
}

test('the files that a store writes are whole', async () => {
  const key = await written();
  expect(open().judge(key, [])).toBe('key');
  expect(open().judge({ ...key, path: key.path.replace('.json', '-0123456789abcdef.json') }, [])).toBe('key');
  await open().forget('ada');
  expect(open().judge(await written({ keyFor: async () => undefined } as never), [])).toBe('forgotten');
});

test('a file is damaged however it was cut, and whichever bit of it was turned', async () => {
  const { path, text } = await written();
  const bytes = Buffer.from(text.trimEnd());
  const cut = bytes.map((_, length) => length).values();
  for (const length of cut) expect(open().judge({ path, text: bytes.subarray(0, length).toString() }, [])).toBe('damaged');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect([bit, open().judge({ path, text: flipped.toString() }, [])]).toEqual([bit, 'damaged']);
  }
});

test('a key that is wrapped with another master key is not taken for damaged', async () => {
  const key = await written();
  expect(open({ secret: 't'.repeat(64) }).judge(key, [])).toBe('foreign');
  await rm(join(directory, key.path));
  const wrapped = await written(open({}));
  const master = await readFile(join(directory, 'master.key'), 'utf8');
  expect(open({}).judge(wrapped, [])).toBe('foreign');
  expect(open().judge(wrapped, [randomBytes(32).toString('base64'), 'damaged', master])).toBe('key');
});

test('a master key whose file is empty does not stand for that of the secret', async () => {
  const key = await written();
  const store = open();
  expect([store.judge(key, ['']), store.judge(key, [])]).toEqual(['key', 'key']);
  expect(store.judge({ ...key, text: key.text.replace('"wrapped":"', '"wrapped":"A') }, [''])).toBe('damaged');
});

test('a master key is whole, or damaged', async () => {
  await written(open({}));
  const text = await readFile(join(directory, 'master.key'), 'utf8');
  expect(open().judge({ path: 'master.key', text }, [])).toBe('master');
  for (const damaged of ['', text.slice(0, 20), `${text.slice(0, 5)}\0${text.slice(6)}`])
    expect(open().judge({ path: 'master.key', text: damaged }, [])).toBe('damaged');
});

test('a master key that is put back beside another opens what it was made for, without a new start', async () => {
  const before = open({});
  const key = await before.keyFor('ada');
  const aside = join(directory, 'master.key.aside');
  await rename(join(directory, 'master.key'), aside);
  const later = open({});
  const other = await later.keyFor('bob');
  await expect(later.findKey('ada')).rejects.toMatchObject({ code: 'KeyMissing' });
  await writeFile(join(directory, 'master-0123456789abcdef.key'), await readFile(aside));
  expect(await later.findKey('ada')).toEqual(key);
  expect(await later.findKey('bob')).toEqual(other);
});
