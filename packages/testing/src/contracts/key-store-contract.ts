import type { KeyStore } from '@kiroku/core';
import { describe, expect, test } from 'vitest';

/** A key store under test, empty at first. */
export interface KeyStoreUnderTest extends AsyncDisposable {
  readonly store: KeyStore;
  /** The same keys as another process sees them. */
  readonly reopened: () => Promise<KeyStore>;
}

/** Registers the tests of what the port promises. */
export function keyStoreContract(name: string, make: () => Promise<KeyStoreUnderTest>): void {
  describe(`${name} as a key store`, () => {
    keysContract(make);
    forgettingContract(make);
    sharingContract(make);
  });
}

const oddSubjects = ['ada', 'Ada', '../ada', 'a/b', '', ' ', 'é', 'e\u0301', '語', 'x'.repeat(200)];

function keysContract(make: () => Promise<KeyStoreUnderTest>): void {
  test('makes a key of 32 bytes, and gives the same from then on', async () => {
    await using subject = await make();
    const key = await subject.store.keyFor('ada');
    expect(key).toBeInstanceOf(Uint8Array);
    expect(key).toHaveLength(32);
    expect(await subject.store.keyFor('ada')).toEqual(key);
    expect(await subject.store.findKey('ada')).toEqual(key);
    expect(await subject.store.findOtherKeys('ada')).toEqual([]);
  });

  test('finds no key that nobody asked to make, and makes none by looking', async () => {
    await using subject = await make();
    expect(await subject.store.findKey('ada')).toBeUndefined();
    expect(await subject.store.findOtherKeys('ada')).toEqual([]);
    expect(await subject.store.findKey('ada')).toBeUndefined();
  });

  test('has another key for each subject, however they are spelled', async () => {
    await using subject = await make();
    const keys = await Promise.all(oddSubjects.map((each) => subject.store.keyFor(each)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(oddSubjects.length);
    expect(await Promise.all(oddSubjects.map((each) => subject.store.findKey(each)))).toEqual(keys);
  });

  test('keeps its key when a caller overwrites what it was given', async () => {
    await using subject = await make();
    const key = await subject.store.keyFor('ada');
    const before = Uint8Array.from(key);
    key.fill(0);
    expect(await subject.store.keyFor('ada')).toEqual(before);
  });
}

function forgettingContract(make: () => Promise<KeyStoreUnderTest>): void {
  test('has forgotten for good: no key is found or made any more', async () => {
    await using subject = await make();
    await subject.store.keyFor('ada');
    await subject.store.forget('ada');
    for (const store of [subject.store, await subject.reopened()]) {
      expect(await store.findKey('ada')).toBe('forgotten');
      expect(await store.findOtherKeys('ada')).toEqual([]);
      await expect(store.keyFor('ada')).rejects.toMatchObject({ code: 'SubjectForgotten' });
    }
  });

  test('forgets also whom it does not know, and whom it has forgotten', async () => {
    await using subject = await make();
    await subject.store.forget('ada');
    await subject.store.forget('ada');
    expect(await subject.store.findKey('ada')).toBe('forgotten');
    await expect(subject.store.keyFor('ada')).rejects.toMatchObject({ code: 'SubjectForgotten' });
  });

  test('forgets nobody else', async () => {
    await using subject = await make();
    const key = await subject.store.keyFor('bob');
    await subject.store.keyFor('ada');
    await subject.store.forget('ada');
    expect(await subject.store.findKey('bob')).toEqual(key);
  });
}

function sharingContract(make: () => Promise<KeyStoreUnderTest>): void {
  test('gives all who ask at once for a new key the same one', async () => {
    await using subject = await make();
    const stores = [subject.store, await subject.reopened(), await subject.reopened()];
    const asked = Array.from({ length: 10 }, () => stores.map((store) => store.keyFor('ada')));
    const keys = await Promise.all(asked.flat());
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(await (await subject.reopened()).findKey('ada')).toEqual(keys[0]);
  });

  test('does not make a key again for a subject that is forgotten while it is asked for', async () => {
    await using subject = await make();
    const other = await subject.reopened();
    for (let round = 0; round < 20; round++) {
      const name = `ada-${round}`;
      const asked = Array.from({ length: 4 }, (_, n) => (n % 2 ? subject.store : other).keyFor(name).catch((error: unknown) => error));
      await subject.store.forget(name);
      await Promise.all(asked);
      expect(await other.findKey(name)).toBe('forgotten');
    }
  });
}
