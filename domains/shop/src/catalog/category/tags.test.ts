import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameTag, normaliseName } from './tags.ts';

test.each([
  ['STRASSE', 'straße'],
  ['ΟΔΟΣ', 'οδός'.normalize('NFD').replace(/\p{M}/gu, '')],
  ['Café', 'Cafe\u0301'],
  ['ﬁlm', 'FILM'],
  ['１２３', '123'],
  ['  Dark   Roast ', 'dark roast'],
])('"%s" and "%s" are the same name', (a, b) => {
  expect(normaliseName(a)).toBe(normaliseName(b));
});

test.each([
  ['Café', 'Cafe'],
  ['Books', 'Book s'],
])('"%s" and "%s" are two names', (a, b) => {
  expect(normaliseName(a)).not.toBe(normaliseName(b));
});

test('normalising twice is normalising once, and capitals do not count', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const once = normaliseName(name);
      expect(normaliseName(once)).toBe(once);
      expect(normaliseName(name.toLowerCase())).toBe(normaliseName(name.toUpperCase()));
    }),
  );
});

test('the tag holds the normalised name', () => {
  expect(nameTag(' Dark Roast')).toBe('category-name:dark roast');
});
