import { expect, test } from 'vitest';
import { formatCount } from './format-count.ts';

test.each([0, 7, 999, 1_000, 12_345, 123_456, 1_234_567, -1_000, -999, Number.MAX_SAFE_INTEGER])(
  '%d is written as locales write it',
  (count) => {
    expect(formatCount(count)).toBe(count.toLocaleString('en-US'));
  },
);
