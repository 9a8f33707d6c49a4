import { expect, test } from 'vitest';
import { counted, formatCount } from './format-count.ts';

test.each([0, 7, 999, 1_000, 12_345, 123_456, 1_234_567, -1_000, -999, Number.MAX_SAFE_INTEGER])(
  '%d is written as locales write it',
  (count) => {
    expect(formatCount(count)).toBe(count.toLocaleString('en-US'));
  },
);

test('what is counted is one, or several', () => {
  expect([0, 1, 12_345].map((count) => counted(count, 'row'))).toEqual(['0 rows', '1 row', '12,345 rows']);
});
