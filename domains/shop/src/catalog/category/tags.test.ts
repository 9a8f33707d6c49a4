import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameTag, normaliseName } from './tags.ts';

test.each([
  ['STRASSE', 'straße'],
  ['STRAẞE', 'straße'],
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

test('of every character with a case, alone and taken apart: once is enough, and its capital is the same name', () => {
  const wrong: string[] = [];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    const character = String.fromCodePoint(codePoint);
    if (!/\p{Changes_When_Casemapped}|\p{Changes_When_NFKC_Casefolded}/u.test(character)) continue;
    for (const name of new Set([character, character.normalize('NFD')])) {
      const once = normaliseName(name);
      const capital = normaliseName(name.toUpperCase());
      if (normaliseName(once) !== once || capital !== normaliseName(name.toLowerCase())) wrong.push(codePoint.toString(16));
    }
  }
  expect(wrong).toEqual([]);
});

test('the tag holds the normalised name', () => {
  expect(nameTag(' Dark Roast')).toBe('category-name:dark roast');
});
