import { expect, test } from 'vitest';
import { countEndings, restartDelay, steadyAfterMs } from './restart-delay.ts';

test('each ending in a row doubles the wait, up to half a minute', () => {
  expect([1, 2, 3, 7, 8, 100].map(restartDelay)).toEqual([250, 500, 1_000, 16_000, 30_000, 30_000]);
});

test('a process that ran steadily begins a new count', () => {
  expect(countEndings(6, steadyAfterMs - 1)).toBe(7);
  expect(countEndings(6, steadyAfterMs)).toBe(1);
});
