import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laterPosition, parsePositionToken, positionToken } from './position-token.ts';

test('a token says which position of which timeline it is', () => {
  const place = fc.record({ timeline: fc.integer({ min: 1, max: 999_999_999 }), position: fc.maxSafeNat() });
  fc.assert(
    fc.property(place, (at) => {
      expect(parsePositionToken(positionToken(at))).toEqual(at);
    }),
  );
});

test('on the first timeline it is the number alone, as before there were others', () => {
  expect(positionToken({ timeline: 1, position: 42 })).toBe('42');
  expect(positionToken({ timeline: 2, position: 42 })).toBe('2:42');
});

test.each(['', '-1', '1.5', '0:5', '2:', ':5', '2:3:4', '1e3', '9007199254740992', '٣', ' 5'])('%j is none', (text) => {
  expect(parsePositionToken(text)).toBeUndefined();
});

test.each([
  [
    { timeline: 1, position: 9 },
    { timeline: 2, position: 5 },
  ],
  [
    { timeline: 2, position: 5 },
    { timeline: 2, position: 6 },
  ],
])('of two, that of the later timeline is the later, and else the greater', (earlier, later) => {
  expect(laterPosition(earlier, later)).toBe(later);
  expect(laterPosition(later, earlier)).toBe(later);
});
