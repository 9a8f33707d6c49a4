import { copyFile, link, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { keyStoreContract } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { FileKeyStore } from './file-key-store.ts';

const secret = 's'.repeat(64);

async function keyDirectory() {
  const parent = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  const directory = join(parent, 'data', 'keys');
  const files = async () => (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.json'));
  return {
    directory,
    /** Paths of the files of subjects. */
    files: async () => (await files()).map((name) => join(directory, name)),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true }),
  };
}

for (const [name, options] of [
  ['FileKeyStore', {}],
  ['FileKeyStore with SECRET_KEY_BASE', { secret }],
] as const) {
  keyStoreContract(name, async () => {
    const { directory, [Symbol.asyncDispose]: dispose } = await keyDirectory();
    const open = () => new FileKeyStore({ directory, ...options });
    return { store: open(), reopened: async () => open(), [Symbol.asyncDispose]: dispose };
  });
}

describe('the files of the key store', () => {
  test('can be read by this user alone, and no unfinished one is left', async () => {
    await using keys = await keyDirectory();
    await new FileKeyStore(keys).keyFor('ada');
    const all = (await readdir(keys.directory, { recursive: true })).sort();
    expect(all).toEqual([expect.stringMatching(/^[0-9a-f]{2}$/), expect.stringMatching(/^[0-9a-f]{2}\/[0-9a-f]{64}\.json$/), 'master.key']);
    const modes = await Promise.all(['', ...all].map(async (name) => ((await stat(join(keys.directory, name))).mode & 0o777).toString(8)));
    expect(modes).toEqual(['700', '700', '600', '600']);
  });

  test('hold neither subject nor key in the clear', async () => {
    await using keys = await keyDirectory();
    const key = await new FileKeyStore({ ...keys, secret }).keyFor('ada');
    const [file = ''] = await keys.files();
    const text = await readFile(file, 'utf8');
    expect(file + text).not.toContain('ada');
    expect(text).not.toContain(Buffer.from(key).toString('base64'));
    expect(await readdir(keys.directory)).not.toContain('master.key');
  });

  test('hold no key any more after forget', async () => {
    await using keys = await keyDirectory();
    const store = new FileKeyStore(keys);
    await store.keyFor('ada');
    await store.forget('ada');
    const contents = await Promise.all((await keys.files()).map((file) => readFile(file, 'utf8')));
    expect(contents.map((text) => JSON.parse(text))).toEqual([{ version: 1, state: 'forgotten', at: expect.any(String) }]);
  });

  test('say when somebody was forgotten, whoever else is not', async () => {
    await using keys = await keyDirectory();
    const store = new FileKeyStore(keys);
    await store.keyFor('ada');
    await store.keyFor('bob');
    const before = Date.now();
    await store.forget('ada');
    const at = Date.parse((await store.forgottenAt('ada')) ?? '');
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect([await store.forgottenAt('bob'), await store.forgottenAt('nobody')]).toEqual([undefined, undefined]);
  });

  test('of one subject may be several, after a restore, until it is forgotten', async () => {
    await using keys = await keyDirectory();
    const store = new FileKeyStore(keys);
    const lost = await store.keyFor('ada');
    const [file = ''] = await keys.files();
    const restored = file.replace('.json', '-0123456789abcdef.json');
    await rename(file, restored);
    await store.keyFor('bob');
    expect([await store.findKey('ada'), await store.findOtherKeys('ada')]).toEqual([undefined, [lost]]);
    const made = await store.keyFor('ada');
    expect([await store.findKey('ada'), await store.findOtherKeys('ada')]).toEqual([made, [lost]]);
    expect(await store.findOtherKeys('bob')).toEqual([]);
    await copyFile(restored, `${restored}.kept`); // no name of a key
    await store.forget('ada');
    expect(await store.findOtherKeys('ada')).toEqual([]);
    expect((await keys.files()).sort()).not.toContain(restored);
  });

  test('that came back with a restore of whom was forgotten meanwhile are not opened', async () => {
    await using keys = await keyDirectory();
    const store = new FileKeyStore(keys);
    await store.keyFor('ada');
    const [file = ''] = await keys.files();
    await copyFile(file, `${file}.aside`);
    await store.forget('ada');
    await copyFile(`${file}.aside`, file.replace('.json', '-0123456789abcdef.json'));
    expect([await store.findKey('ada'), await store.findOtherKeys('ada')]).toEqual(['forgotten', []]);
  });

  test('that a killed process has left half done hold no forgotten key either', async () => {
    await using keys = await keyDirectory();
    const store = new FileKeyStore(keys);
    await store.keyFor('ada');
    await store.keyFor('bob');
    const before = await keys.files();
    for (const file of before) await link(file, `${file}.new-0`); // killed after the link, before the other name was removed
    await store.forget('ada');
    await store.forget('ada');
    const left = (await readdir(keys.directory, { recursive: true })).filter((name) => name.endsWith('.new-0'));
    expect(left).toHaveLength(1);
    expect(await readFile(join(keys.directory, left[0] ?? ''), 'utf8')).toContain('"key"');
    expect(await store.findKey('bob')).toHaveLength(32);
  });

  test('open without a secret, and stay open when one is set later', async () => {
    await using keys = await keyDirectory();
    const key = await new FileKeyStore(keys).keyFor('ada');
    const later = new FileKeyStore({ ...keys, secret });
    expect(await later.findKey('ada')).toEqual(key);
    const other = await later.keyFor('bob');
    await rm(join(keys.directory, 'master.key'));
    expect(await new FileKeyStore({ ...keys, secret }).findKey('bob')).toEqual(other);
  });

  test('that were made with a secret open although the master key of before is damaged', async () => {
    await using keys = await keyDirectory();
    await new FileKeyStore(keys).keyFor('ada');
    const bobs = await new FileKeyStore({ ...keys, secret }).keyFor('bob');
    await writeFile(join(keys.directory, 'master.key'), '');
    const store = new FileKeyStore({ ...keys, secret });
    expect(await store.findKey('bob')).toEqual(bobs);
    expect(await store.keyFor('cleo')).toHaveLength(32);
    await expect(store.findKey('ada')).rejects.toMatchObject({ code: 'KeyMissing', message: expect.stringContaining('master.key') });
  });

  test('do not open without their master key, and none is made to read them with', async () => {
    await using keys = await keyDirectory();
    await new FileKeyStore(keys).keyFor('ada');
    const [master, aside] = [join(keys.directory, 'master.key'), join(keys.directory, 'aside')];
    await rename(master, aside);
    const store = new FileKeyStore(keys);
    await expect(store.findKey('ada')).rejects.toMatchObject({ code: 'KeyMissing', message: expect.stringContaining('restore keys') });
    expect(await readdir(keys.directory)).not.toContain('master.key');
    await rename(aside, master);
    expect(await store.findKey('ada')).toHaveLength(32);
  });

  test('are created by a thread of their own; when it has ended the next key starts another', async () => {
    await using keys = await keyDirectory();
    const threads: Worker[] = [];
    const noted = (thread: Worker) => threads.push(thread);
    process.on('worker', noted);
    const store = new FileKeyStore({ ...keys, secret });
    const ada = await store.keyFor('ada');
    await store.keyFor('bob');
    expect(threads).toHaveLength(1);
    const interrupted = Promise.allSettled(['cleo', 'dora'].map((subject) => store.keyFor(subject)));
    await threads[0]?.terminate();
    const fault = { status: 'rejected', reason: expect.objectContaining({ code: 'KeyStoreUnavailable', retryable: true }) };
    for (const each of await interrupted) if (each.status === 'rejected') expect(each).toEqual(fault);
    expect(await store.keyFor('ada')).toEqual(ada);
    expect(await store.keyFor('cleo')).toEqual(await store.findKey('cleo'));
    expect(threads).toHaveLength(2);
    process.off('worker', noted);
  });

  test('do not open with another secret, and it is said why', async () => {
    await using keys = await keyDirectory();
    await new FileKeyStore({ ...keys, secret }).keyFor('ada');
    const other = new FileKeyStore({ ...keys, secret: 't'.repeat(64) });
    await expect(other.findKey('ada')).rejects.toMatchObject({ code: 'KeyMissing', message: expect.stringContaining('SECRET_KEY_BASE') });
    await expect(other.keyFor('ada')).rejects.toMatchObject({ code: 'KeyMissing' });
  });

  test("do not open under another subject's name", async () => {
    await using keys = await keyDirectory();
    const store = new FileKeyStore(keys);
    await store.keyFor('ada');
    const [adas = ''] = await keys.files();
    await store.keyFor('bob');
    const bobs = (await keys.files()).find((file) => file !== adas) ?? '';
    await copyFile(adas, bobs);
    await expect(store.findKey('bob')).rejects.toMatchObject({ code: 'KeyMissing' });
  });

  test.each(['', '{"version":1}', '{"version":2,"state":"key"}', 'half'])(
    'that are damaged (%s) are a fault, never a new key',
    async (text) => {
      await using keys = await keyDirectory();
      const store = new FileKeyStore(keys);
      await store.keyFor('ada');
      const [file = ''] = await keys.files();
      await writeFile(file, text);
      await expect(store.findKey('ada')).rejects.toMatchObject({ code: 'KeyMissing', message: expect.stringContaining(file) });
      await expect(store.keyFor('ada')).rejects.toMatchObject({ code: 'KeyMissing' });
      await store.forget('ada');
      expect(await store.findKey('ada')).toBe('forgotten');
    },
  );

  test('that cannot be reached are a fault that may pass', async () => {
    await using keys = await keyDirectory();
    const inTheWay = join(keys.directory, '..', '..', 'file');
    await writeFile(inTheWay, '');
    const store = new FileKeyStore({ directory: join(inTheWay, 'keys') });
    await expect(store.keyFor('ada')).rejects.toMatchObject({ code: 'KeyStoreUnavailable', retryable: true });
    await expect(store.findKey('ada')).rejects.toMatchObject({ code: 'KeyStoreUnavailable' });
  });
});
