import { expect, test } from 'vitest';
import { formatLsn, parseLsn, parseSegment, segmentAt, segmentBefore, segmentName } from './wal-name.ts';

const mebibyte = 1024 * 1024;

test.each(['0/3000028', '1/0', 'A5/FF000000'])('%s is read and written the same', (text) => {
  expect(formatLsn(parseLsn(text))).toBe(text);
});

// as pg_walfile_name answers
test.each([
  ['0/3000028', 1, 16 * mebibyte, '000000010000000000000003'],
  ['1/0', 2, 16 * mebibyte, '000000020000000100000000'],
  ['A5/FF000001', 0x1f, 16 * mebibyte, '0000001F000000A5000000FF'],
  ['1/40000001', 1, 1024 * mebibyte, '000000010000000100000001'],
])('%s of timeline %i, in segments of %i bytes, is in %s', (lsn, timeline, bytes, name) => {
  const segment = segmentAt(timeline, parseLsn(lsn), bytes);
  expect(segmentName(segment, bytes)).toBe(name);
  expect(parseSegment(name, bytes)).toEqual(segment);
});

test('what ends where a segment begins needs only the one before', () => {
  expect(segmentBefore(1, parseLsn('0/4000000'), 16 * mebibyte).number).toBe(3n);
  expect(segmentBefore(1, parseLsn('0/4000001'), 16 * mebibyte).number).toBe(4n);
});

test.each(['00000002.history', '000000010000000000000003.partial', '000000010000000000000003.00000028.backup'])(
  '%s is no segment',
  (name) => {
    expect(parseSegment(name, 16 * mebibyte)).toBeUndefined();
  },
);
