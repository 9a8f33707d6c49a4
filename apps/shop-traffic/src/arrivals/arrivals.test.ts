import { expect, test } from 'vitest';
import { seededRandom } from '../shopper/random.ts';
import { arrivals } from './arrivals.ts';

function first(count: number, rate: number): readonly number[] {
  const due = arrivals(seededRandom(5), rate);
  return Array.from({ length: count }, () => due.next().value);
}

test('requests are due as often as was asked for, on average', () => {
  const last = first(10_000, 200).at(-1) ?? 0;
  expect(10_000 / (last / 1_000)).toBeGreaterThan(190);
  expect(10_000 / (last / 1_000)).toBeLessThan(210);
});

test('the time between them is random, and the same for the same seed', () => {
  expect(first(100, 50)).toEqual(first(100, 50));
  const gaps = first(100, 50).map((at, index, all) => at - (all[index - 1] ?? 0));
  expect(new Set(gaps).size).toBe(100);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
});
