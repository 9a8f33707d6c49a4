import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamVersions } from './stream-versions.ts';

const half = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }));

test('remembers the last version of every stream, also of those whose hashes are alike', () => {
  const sets = fc.array(fc.tuple(half, half, fc.integer({ min: 1, max: 1_000 })), { maxLength: 3_000 });
  fc.assert(
    fc.property(sets, (given) => {
      const versions = new StreamVersions(1_000_000);
      const expected = new Map<string, number>();
      for (const [high, low, version] of given) {
        versions.set(high, low, version);
        expected.set(`${high} ${low}`, version);
      }
      for (const [high, low] of given) expect(versions.get(high, low)).toBe(expected.get(`${high} ${low}`));
      expect(versions.get(7, 7)).toBe(expected.get('7 7') ?? 0);
    }),
    { numRuns: 50 },
  );
});

test('is full with as many streams as it may hold, and empty when cleared', () => {
  const versions = new StreamVersions(2);
  versions.set(1, 1, 1);
  versions.set(1, 1, 2);
  expect(versions.full).toBe(false);
  versions.set(1, 2, 1);
  expect(versions.full).toBe(true);
  versions.clear();
  expect([versions.full, versions.get(1, 1)]).toEqual([false, 0]);
});
