import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { zipf } from './zipf.ts';

test('the product at rank r is wanted 1/r times as often as the first', () => {
  const [draw, random] = [zipf(50), seededRandom(3)];
  const counts = Array.from({ length: 50 }, () => 0);
  for (let times = 0; times < 100_000; times += 1) {
    const index = draw(random);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const [first = 0, second = 0, , fourth = 0] = counts;
  expect(second / first).toBeCloseTo(1 / 2, 1);
  expect(fourth / first).toBeCloseTo(1 / 4, 1);
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

test('all that can be drawn is in the list', () => {
  expect([zipf(3)(() => 0), zipf(3)(() => 1 - Number.EPSILON)]).toEqual([0, 2]);
});
