import { ledger } from '@kiroku/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { blocked, given, other } from './answer-cache.test-service.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('nothing is relied on', () => {
  test.each([
    ['of another build', { build: 2 }],
    ['of the same, after advances went by unheard', {}],
  ])('of what was read before it is said how things are %s', async (_what, told) => {
    const { ask, reading } = given();
    await ask();
    reading(told);
    expect(await ask()).toEqual(['2', 10]);
    expect(await ask()).toEqual(['2', 10]);
  });

  test('while nobody says that nothing was missed', async () => {
    const { ask, current } = given();
    await ask();
    vi.advanceTimersByTime(2_001);
    expect(await ask()).toEqual(['2', 10]);
    for (const later of [500, 500]) {
      current();
      vi.advanceTimersByTime(later);
    }
    expect(await ask()).toEqual(['1', 10]); // what was read when nothing was known is not kept; what was known before is as it was
  });

  test('of what waited to be heard while this process stood still, however often it says that nothing was missed', async () => {
    const { ask, current, heard } = given();
    await ask();
    vi.advanceTimersByTime(30_000);
    for (let n = 0; n < 60; n++) current();
    expect(await ask()).toEqual(['2', 10]);
    heard(12, { changed: { account: ['ann'] } });
    vi.advanceTimersByTime(100);
    current();
    expect((await ask())[0]).toBe('3');
  });

  test('for longer when it is said at odd times', async () => {
    const { ask, current } = given();
    await ask();
    for (const later of [50, 1_900, 100, 1_000, 99, 1_800]) {
      vi.advanceTimersByTime(later);
      expect((await ask())[0]).toBe('1');
      current();
    }
  });

  test('when nobody is heard any more, until it is said how things are', async () => {
    const { ask, reading, current, changes } = given();
    await ask();
    changes.forget();
    expect(await ask()).toEqual(['2', 10]);
    current();
    expect(await ask()).toEqual(['3', 10]);
    reading();
    expect(await ask()).toEqual(['4', 10]);
    expect(await ask()).toEqual(['4', 10]);
    changes.forget();
    reading();
    expect((await ask())[0]).toBe('5');
    expect((await ask())[0]).toBe('6');
  });

  test('while another version of the read model is told of than the one that is declared', async () => {
    const { ask, reading, heard } = given();
    await ask();
    reading({ version: 2 });
    expect((await ask())[0]).toBe('2');
    heard(12, { version: 2 });
    expect((await ask())[0]).toBe('3');
  });

  test('before it is said of all read models that it comes from how they are', async () => {
    const { cache, changes } = given();
    const read = vi.fn(async () => ({ position: 10, value: '', dependencies: [], bytes: 1 }));
    const asked = { key: 'both', reads: [ledger, other] };
    for (let n = 0; n < 2; n++) await cache.answer(asked, read);
    expect(read).toHaveBeenCalledTimes(2);
    changes.hear({ kind: 'reading', projection: other.name, version: 1, build: 1, positions: [4] });
    for (let n = 0; n < 2; n++) expect((await cache.answer(asked, read)).position).toBe(10);
    expect(read).toHaveBeenCalledTimes(3);
  });

  test('when more rows have changed than are kept in mind', async () => {
    const { ask, heard, at } = given({ most: 4 });
    await ask();
    heard(11, { changed: { account: ['a', 'b'] }, lists: blocked('true') });
    heard(12, { changed: { account: ['a', 'c'] }, lists: blocked() });
    expect(await ask()).toEqual(['1', 12]);
    heard(13, { changed: { account: ['d'] }, lists: blocked() });
    expect((await ask())[0]).toBe('2');
    at(14);
    await ask();
    heard(14, { changed: { account: ['e'] }, lists: blocked() }); // counted anew
    expect((await ask())[0]).toBe('3');
  });
});
