import { KirokuError } from '@kiroku/core';
import { expect, test } from 'vitest';
import type { ObjectStore } from '../ports/object-store.ts';

/** What every store of objects does; each test in an empty one. */
export function objectStoreContract(emptyStore: () => Promise<ObjectStore>, named = ''): void {
  const rule = (title: string, run: (store: ObjectStore) => Promise<void>) =>
    test.skipIf(named !== '')(`${title}${named}`, async () => run(await emptyStore()));

  rule('gives back what it was given', async (store) => {
    expect(await store.put('a/b', pieces('one ', '', 'two'))).toEqual({ name: 'a/b', bytes: 7 });
    expect(await textOf(store, 'a/b')).toBe('one two');
    await store.put('a/b', pieces('three'));
    expect(await textOf(store, 'a/b')).toBe('three');
    await store.put('empty', pieces());
    expect(await textOf(store, 'empty')).toBe('');
  });

  rule('keeps what is larger than what it sends at a time', async (store) => {
    const piece = Buffer.alloc(5 << 20, 'x');
    expect(await store.put('large', pieces(...Array.from({ length: 7 }, () => piece)))).toMatchObject({ bytes: 35 << 20 });
    let bytes = 0;
    for await (const chunk of store.get('large')) bytes += chunk.length;
    expect(bytes).toBe(35 << 20);
  });

  rule('creates only what is not there, whoever comes first', async (store) => {
    const answers = await Promise.all(['one', 'two', 'three'].map((text) => store.create('only', Buffer.from(text))));
    expect(answers.filter(Boolean)).toHaveLength(1);
    const kept = await textOf(store, 'only');
    expect(kept).toBe(['one', 'two', 'three'][answers.indexOf(true)]);
    expect(await store.create('only', Buffer.from('four'))).toBe(false);
    expect(await textOf(store, 'only')).toBe(kept);
  });

  rule('lists what begins so, by name', async (store) => {
    for (const name of ['wal/b', 'wal/a', 'backups/1/parts/x', 'backups/10/y', 'backups/1.json', 'wallet'])
      await store.put(name, pieces('12'));
    expect(await namesOf(store, '')).toEqual(['backups/1.json', 'backups/1/parts/x', 'backups/10/y', 'wal/a', 'wal/b', 'wallet']);
    expect(await namesOf(store, 'backups/1/')).toEqual(['backups/1/parts/x']);
    expect(await namesOf(store, 'backups/1')).toEqual(['backups/1.json', 'backups/1/parts/x', 'backups/10/y']);
    expect(await namesOf(store, 'nothing/')).toEqual([]);
  });

  rule('forgets what is deleted, and nothing else', async (store) => {
    await store.put('backups/1/x', pieces('1'));
    await store.put('backups/2/x', pieces('2'));
    for (const name of ['backups/1/x', 'backups/1/x', 'never/there']) await store.delete(name);
    expect(await namesOf(store, '')).toEqual(['backups/2/x']);
    await expect(textOf(store, 'backups/1/x')).rejects.toMatchObject({ code: 'NotFound' });
  });

  rule('keeps nothing of content that fails, and what was there before', async (store) => {
    await store.put('a', pieces('before'));
    const failing = async function* () {
      yield Buffer.alloc(6 << 20);
      throw new KirokuError('Stopping', 'that was all');
    };
    for (const name of ['a', 'b']) await expect(store.put(name, failing())).rejects.toMatchObject({ code: 'Stopping' });
    expect(await namesOf(store, '')).toEqual(['a']);
    expect(await textOf(store, 'a')).toBe('before');
  });

  rule('refuses names that lead elsewhere', async (store) => {
    for (const name of ['', '/etc/passwd', '../x', 'a/../../x', 'a//b', 'a/', '.hidden', 'a/.b', 'a\\..\\b', 'a\0b', 'ü'])
      for (const call of [
        () => store.put(name, pieces('x')),
        () => store.create(name, Buffer.from('x')),
        () => textOf(store, name),
        () => store.delete(name),
      ])
        await expect(call(), JSON.stringify(name)).rejects.toMatchObject({ code: 'BadRequest' });
  });
}

export async function* pieces(...all: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const each of all) yield Buffer.from(each);
}

export async function textOf(store: ObjectStore, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.get(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export async function namesOf(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(prefix)) names.push(name);
  return names;
}
