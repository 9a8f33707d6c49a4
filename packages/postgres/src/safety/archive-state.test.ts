import { expect, test } from 'vitest';
import { isBehind } from './archive-state.ts';

const present = '000000010000000000000005';

test.each([
  ['the segment before the one in use', '000000010000000000000004', false],
  ['the label of a backup that began in it', '000000010000000000000004.00000028.backup', false],
  ['an earlier segment', '000000010000000000000003', true],
  ['the label of an earlier backup', '000000010000000000000003.00000028.backup', true],
  ['nothing', null, true],
])('%s was archived last, %s: more than the present one is missing: %s', (_, archived, behind) => {
  expect(isBehind(archived, present)).toBe(behind);
});

test('a standby is never behind: it writes nothing', () => {
  expect(isBehind(null, null)).toBe(false);
});
