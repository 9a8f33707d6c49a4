import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Slots } from './slots.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const now = () => vi.advanceTimersByTimeAsync(0);

/** Asks for slots under names; `end` ends the work of one. */
function working(slots: Slots) {
  const begun: string[] = [];
  const ending = new Map<string, () => void>();
  return {
    begun,
    ask: (name: string) =>
      slots.use(async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ending.set(name, resolve));
        return name;
      }),
    end: async (name: string) => {
      ending.get(name)?.();
      await now();
    },
  };
}

test('so much is done at the same time as there are slots, in the order it was asked for', async () => {
  const { begun, ask, end } = working(new Slots(2));
  const all = ['a', 'b', 'c', 'd'].map(ask);
  await now();
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c', 'd']) await end(name);
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails says so, and its slot is free again', async () => {
  const slots = new Slots(1);
  await expect(slots.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.use(async () => 'begun')).toBe('begun');
});

test('more slots are used at once; with fewer, nothing is begun until so many have ended', async () => {
  const slots = new Slots(1);
  const { begun, ask, end } = working(slots);
  for (const name of ['a', 'b', 'c', 'd']) void ask(name);
  slots.limit = 3;
  await now();
  expect(begun).toEqual(['a', 'b', 'c']);
  slots.limit = 1;
  await end('a');
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('c');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

describe('slots that are held', () => {
  test.each([
    [60_000, 1],
    [1, 60_000],
  ])('begin nothing for the longest of the times that were asked for: %i and %i ms', async (...asked) => {
    const slots = new Slots(1);
    const { begun, ask } = working(slots);
    for (const ms of asked) slots.hold(ms);
    void ask('a');
    await vi.advanceTimersByTimeAsync(59_999);
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a']);
  });

  test('let what is begun already end', async () => {
    const slots = new Slots(1);
    const { begun, ask, end } = working(slots);
    const first = ask('a');
    await now();
    slots.hold(1_000);
    void ask('b');
    await end('a');
    expect([await first, begun]).toEqual(['a', ['a']]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begun).toEqual(['a', 'b']);
  });

  test('wait once, however much asks for them', async () => {
    const slots = new Slots(1);
    slots.hold(1_000);
    for (const name of ['a', 'b', 'c']) void working(slots).ask(name);
    await now();
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe('once they are closed', () => {
  test('nothing is begun, also of what has asked before, and what is begun ends', async () => {
    const slots = new Slots(1);
    const { begun, ask, end } = working(slots);
    const [first, second] = [ask('a'), ask('b')];
    await now();
    slots.close();
    expect(await Promise.all([second, ask('c')])).toEqual([undefined, undefined]);
    await end('a');
    expect([await first, begun]).toEqual(['a', ['a']]);
  });

  test('no process is kept alive by a time they were asked to be held', async () => {
    const slots = new Slots(1);
    slots.hold(3_600_000);
    void working(slots).ask('a');
    slots.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('nor by one that was asked for after that', async () => {
    const slots = new Slots(1);
    const { ask, end } = working(slots);
    const only = ask('a');
    await now();
    slots.close();
    slots.hold(3_600_000);
    await end('a');
    expect([await only, vi.getTimerCount()]).toEqual(['a', 0]);
  });
});
