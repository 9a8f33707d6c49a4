import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largeSum } from './large-sum.ts';

test('a sum is exact, however large it has become', () => {
  const sums = fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }));
  const amounts = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 }));
  fc.assert(
    fc.property(sums, amounts, (sum, amount) => {
      expect(largeSum(String(sum), amount)).toBe(String(sum + BigInt(amount)));
    }),
  );
  expect(largeSum(undefined, 7)).toBe('7');
});
