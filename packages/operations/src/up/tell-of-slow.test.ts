import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tellOfSlow } from './tell-of-slow.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (ms: number, result: string) => new Promise<string>((resolve) => setTimeout(() => resolve(result), ms));
const waits = () =>
  new Map([
    ['fast', after(10, 'a')],
    ['slow', after(500, 'b')],
  ]);

test('what takes long is told of once, and what all lead to is returned in their order', async () => {
  const tell = vi.fn();
  const all = tellOfSlow(waits(), { afterMs: 100, tell });
  await vi.runAllTimersAsync();
  expect(await all).toEqual(['a', 'b']);
  expect(tell.mock.calls).toEqual([[['slow']]]);
});

test('nothing is told if all is there before', async () => {
  const tell = vi.fn();
  const all = tellOfSlow(waits(), { afterMs: 1_000, tell });
  await vi.runAllTimersAsync();
  await all;
  expect(tell).not.toHaveBeenCalled();
});
