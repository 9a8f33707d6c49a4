import { anyRow, type Dependency, type ReadModelAdvance, rowsListedBy, rowsWithKeys } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ann, blocked, given, none, other } from './answer-cache.test-service.ts';
import { answerKey } from './answer-cache.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1); // to the library, 0 is no time
});
afterEach(() => vi.useRealTimers());

describe('an answer', () => {
  test('is read once, and holds up to the position that was heard last', async () => {
    const { ask, heard } = given();
    expect(await ask()).toEqual(['1', 10]);
    heard(12, { changed: { account: ['bob'], day: ['["2026-11-24","ann"]'] }, lists: blocked('true') });
    expect(await ask()).toEqual(['1', 12]);
  });

  test.each<[string, readonly Dependency[], Partial<ReadModelAdvance>]>([
    ['a row it shows', ann, { changed: { account: ['bob', 'ann'] }, lists: blocked() }],
    [
      'a row it would show if it were there',
      [rowsWithKeys(ledger, 'day', [{ day: '2026-11-24', account: 'ann' }])],
      { changed: { day: ['["2026-11-24","ann"]'] } },
    ],
    ['any row of a table it goes through', [anyRow(ledger, 'account')], { changed: { account: ['bob'] }, lists: blocked() }],
    ['a row on the list it shows', [rowsListedBy(ledger, 'account', 'blocked', true)], { lists: blocked('false', 'true') }],
    ['rows that are too many to tell', ann, { changed: undefined }],
    ['rows on lists that are not told', ann, { lists: undefined }],
    [
      'rows on a list that is not among those that are told, as by code that does not know of it yet',
      [rowsListedBy(ledger, 'account', 'blocked', true)],
      { changed: { account: ['bob'] }, lists: { 'account.last_note': [] } },
    ],
  ])('is read again after a change of %s', async (_what, dependencies, told) => {
    const { ask, heard, at } = given();
    await ask(dependencies);
    heard(12, told);
    at(12);
    expect(await ask(dependencies)).toEqual(['2', 12]);
    expect(await ask(dependencies)).toEqual(['2', 12]);
  });

  test.each<[string, readonly Dependency[], Partial<ReadModelAdvance>]>([
    ['of another list', [rowsListedBy(ledger, 'account', 'blocked', true)], { changed: { account: ['ann'] }, lists: blocked('false') }],
    ['of another table', [anyRow(ledger, 'account')], { changed: { day: ['ann'] } }],
    ['of a build that is not read', ann, { build: 2, changed: { account: ['ann'] } }],
    ['of a read model that nobody looked at', ann, { projection: 'else', changed: { account: ['ann'] } }],
  ])('stays after a change %s', async (_what, dependencies, told) => {
    const { ask, heard } = given();
    await ask(dependencies);
    heard(10, told);
    expect(await ask(dependencies)).toEqual(['1', 10]);
  });

  test('that was being read while it changed is not relied on', async () => {
    const { ask, heard, at } = given();
    await ask(ann, { meanwhile: () => heard(12, { changed: { account: ['ann'] }, lists: blocked() }) });
    at(12);
    expect(await ask()).toEqual(['2', 12]);
    expect(await ask()).toEqual(['2', 12]);
  });

  test.each([
    ['later', 11],
    ['as of the same position, where one partition may be further', 10],
  ])('that was read %s and came earlier stays', async (_when, position) => {
    const { cache, ask, at, current } = given();
    let come = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      come = resolve;
    });
    const slow = cache.answer({ key: 'ann', reads: [ledger] }, async () => {
      await late;
      return { position: 10, value: 'slow', dependencies: ann, bytes: 1 };
    });
    at(position);
    vi.advanceTimersByTime(100);
    current();
    await ask();
    come();
    expect((await slow).value).toBe('slow');
    expect(await ask()).toEqual(['1', position]);
  });

  test('that is too old gives way to one of the same position', async () => {
    const { ask } = given({ maxAgeMs: 1_000 });
    await ask();
    vi.advanceTimersByTime(1_001);
    for (let n = 0; n < 2; n++) expect(await ask()).toEqual(['2', 10]);
  });

  test('contains the position that is asked for, or is read again', async () => {
    const { ask, heard, at } = given();
    at(11); // more than has been heard of
    await ask();
    expect(await ask(ann, { atLeast: 11 })).toEqual(['1', 11]);
    at(12);
    expect(await ask(ann, { atLeast: 12 })).toEqual(['2', 12]);
    heard(13);
    expect(await ask(ann, { atLeast: 13 })).toEqual(['2', 13]);
  });

  test.each([0, 1])(
    'of less than has been heard of partition %d is not kept: it is of a process that has heard less, or batches were taken back',
    async (partition) => {
      const { ask, at, heard } = given();
      heard(12, none, [partition]);
      at(11);
      await ask();
      at(12);
      expect(await ask()).toEqual(['2', 12]);
      expect(await ask()).toEqual(['2', 12]);
    },
  );

  test.each([0, 1])('holds up to where the slowest partition was heard of, not to where partition %d is', async (partition) => {
    const { ask, heard } = given();
    await ask();
    heard(12, none, [partition]);
    expect(await ask()).toEqual(['1', 10]);
    heard(11);
    expect(await ask()).toEqual(['1', 11]);
    heard(12, none, [1 - partition]);
    expect(await ask()).toEqual(['1', 12]); // what is told again takes nothing back
  });

  test('as of before batches were taken back gives way to one that has less', async () => {
    const { ask, reading, at } = given();
    at(12);
    await ask();
    reading({ positions: [5, 5] });
    at(6);
    for (let n = 0; n < 2; n++) expect(await ask()).toEqual(['2', 6]);
  });

  test('of rows of a read model that nobody hears of is not relied on', async () => {
    const { ask } = given();
    await ask([anyRow(other, 'account')]);
    expect((await ask([anyRow(other, 'account')]))[0]).toBe('2');
  });

  test('is read again after a minute, whatever is heard', async () => {
    const { ask, current } = given({ maxAgeMs: 60_000 });
    await ask();
    for (let n = 0; n < 120; n++) {
      vi.advanceTimersByTime(500);
      current();
    }
    expect(await ask()).toEqual(['1', 10]);
    vi.advanceTimersByTime(1_000); // the clock is looked at once a second
    expect(await ask()).toEqual(['2', 10]);
  });
});

describe('a cache', () => {
  test('holds as many bytes as it may, and gives up what was not asked for longest', async () => {
    const { ask, cache } = given({ maxBytes: 400 });
    for (const key of ['a', 'b', 'c']) await ask(ann, { key });
    await ask(ann, { key: 'a' });
    for (const key of ['d', 'e']) await ask(ann, { key });
    expect(cache.stats).toMatchObject({ entries: 3, hits: 1, misses: 5 });
    expect(cache.stats.bytes).toBeLessThanOrEqual(400);
    expect((await ask(ann, { key: 'a' }))[0]).toBe('1');
    expect((await ask(ann, { key: 'b' }))[0]).toBe('6');
  });

  test('counts what a question takes, too', async () => {
    const { ask, cache } = given({ maxBytes: 400 });
    await ask(ann, { key: 'a'.repeat(400) });
    expect(cache.stats).toMatchObject({ entries: 0, bytes: 0 });
  });

  test('of no bytes keeps nothing', async () => {
    const { ask, cache } = given({ maxBytes: 0 });
    await ask();
    expect((await ask())[0]).toBe('2');
    expect(cache.clear()).toBe(0);
    expect(cache.stats).toMatchObject({ entries: 0, bytes: 0, maxBytes: 0 });
  });

  test('tells what it did, and forgets all of it', async () => {
    const onLookup = vi.fn();
    const { ask, cache, heard } = given({ onLookup });
    await ask();
    await ask();
    heard(10, { changed: { account: ['ann'] } });
    await ask();
    expect(onLookup.mock.calls).toEqual([[false], [true], [false]]);
    expect(cache.stats).toMatchObject({ entries: 1, hits: 1, misses: 2, outdated: 1 });
    vi.setSystemTime(new Date('2026-11-29T10:00:00Z'));
    expect(cache.clear()).toBe(1);
    const since = '2026-11-29T10:00:00.000Z';
    expect(cache.stats).toEqual({ since, entries: 0, bytes: 0, maxBytes: 100_000, hits: 0, misses: 0, outdated: 0 });
    expect((await ask())[0]).toBe('3');
  });

  test('gives up answers to one query, and goes on counting', async () => {
    const { ask, cache } = given();
    const [book, books] = [answerKey('book', { id: 1 }), answerKey('books', {})];
    for (const key of [book, books]) await ask(ann, { key });
    expect(cache.clear('book')).toBe(1);
    expect(cache.stats).toMatchObject({ entries: 1, misses: 2 });
    expect((await ask(ann, { key: books }))[0]).toBe('2');
    expect((await ask(ann, { key: book }))[0]).toBe('3');
  });

  test('lets go of what is too old, whether somebody asks for it or not', async () => {
    const { ask, cache } = given({ maxAgeMs: 60_000 });
    await ask();
    vi.advanceTimersByTime(61_000);
    expect(cache.stats).toMatchObject({ entries: 0, bytes: 0 });
  });

  test('that is cleared does not keep what was being read: who clears it knows better than what was heard', async () => {
    const { ask, cache } = given();
    await ask(ann, { meanwhile: () => void cache.clear() });
    expect((await ask())[0]).toBe('2');
  });

  test('keeps nothing of a reading that fails', async () => {
    const { cache, ask } = given();
    const failing = cache.answer({ key: 'ann', reads: [ledger] }, () => Promise.reject(new Error('the database is gone')));
    await expect(failing).rejects.toThrow('the database is gone');
    expect(await ask()).toEqual(['1', 10]);
  });
});
