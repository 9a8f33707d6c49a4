import { expect, test } from 'vitest';
import { columnTypes, parseInt8, parseTimestamp, timestampText } from './column-values.ts';

test.each([
  ['2026-11-24 10:00:00.123456+00', '2026-11-24T10:00:00.123456Z'],
  ['2026-11-24 10:00:00.1+00', '2026-11-24T10:00:00.100000Z'],
  ['2026-11-24 10:00:00+00', '2026-11-24T10:00:00.000000Z'],
  ['2026-11-24 01:30:00.123456+02', '2026-11-23T23:30:00.123456Z'],
  ['2026-11-24 10:00:00.5-03:30', '2026-11-24T13:30:00.500000Z'],
  ['infinity', 'infinity'],
])('the timestamp %s reads %s', (text, iso) => {
  expect(parseTimestamp(text)).toBe(iso);
});

test.each([
  ['2000-01-01T00:00:00.000000Z', 0],
  ['2026-11-24T10:00:00.123456Z', (Date.UTC(2026, 10, 24, 10) - Date.UTC(2000, 0, 1)) * 1_000 + 123_456],
  ['1999-12-31T23:59:59.999999Z', -1],
  ['infinity', 2 ** 63],
  ['-infinity', -(2 ** 63)],
])('%s is so many microseconds from 2000: %d', (iso, micros) => {
  expect(timestampText(micros)).toBe(iso);
});

test('an int8 is a number, as long as a number can hold it', () => {
  expect(parseInt8('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => parseInt8('9007199254740992')).toThrow(expect.objectContaining({ code: 'PositionOverflow' }));
});

test('integer arrays are numbers, and a date stays the day it is', () => {
  const parse = (oid: number, text: string): unknown => columnTypes.getTypeParser(oid, 'text')(text);
  expect(parse(1007, '{1,NULL,-3}')).toEqual([1, null, -3]);
  expect(parse(1016, '{}')).toEqual([]);
  expect(() => parse(1016, '{9007199254740992}')).toThrow(expect.objectContaining({ code: 'PositionOverflow' }));
  expect(parse(1082, '2026-11-24')).toBe('2026-11-24');
});
