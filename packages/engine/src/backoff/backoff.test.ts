import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const backoff = { baseMs: 100, capMs: 10_000 };

test('the bound of the wait doubles with each failure, up to the cap', () => {
  const bounds = [1, 2, 3, 8, 5_000].map((attempt) => backoffMs(attempt, backoff, () => 1));
  expect(bounds).toEqual([100, 200, 400, 10_000, 10_000]);
});

test('there is no wait without a base, however often it has failed', () => {
  expect(backoffMs(5_000, { baseMs: 0, capMs: 10 }, () => 1)).toBe(0);
});

test('the wait is anywhere between nothing and its bound', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const wait = backoffMs(attempt, backoff, () => chance);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(backoff.capMs);
    }),
  );
});
