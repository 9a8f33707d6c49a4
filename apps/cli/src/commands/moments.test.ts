import { expect, test } from 'vitest';
import { moment, positionOrMoment } from './moments.ts';

const now = Date.parse('2026-11-24T10:00:00Z');

test.each([
  ['30m', '2026-11-24T09:30:00.000000Z'],
  ['24h', '2026-11-23T10:00:00.000000Z'],
  ['7d', '2026-11-17T10:00:00.000000Z'],
  ['2026-11-20', '2026-11-20T00:00:00.000000Z'],
  ['2026-11-20T12:00:00+09:00', '2026-11-20T03:00:00.000000Z'],
])('%s is %s', (text, at) => {
  expect(moment(text, now)).toBe(at);
});

test.each(['', '7', 'yesterday', '2026-13-40', '2026-02-30', '2026-11-20T12:00:00', '5w', '2026', '999999d'])(
  '"%s" is no moment',
  (text) => {
    expect(() => moment(text, now)).toThrow(/how long ago/);
  },
);

test.each([
  ['42', 42],
  ['0', 0],
  ['2026-11-20T12:00:00.123456+09:00', '2026-11-20T03:00:00.123456Z'],
])('%s is the position or moment %s', (text, at) => {
  expect(positionOrMoment(text)).toBe(at);
});

test('how long ago is a moment, and other texts are none', () => {
  expect(positionOrMoment('2h')).toMatch(/^2\d{3}-.*Z$/);
  expect(() => positionOrMoment('soon')).toThrow(/a position \(4711\), how long ago/);
});
