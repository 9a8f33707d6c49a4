import { expect, test } from 'vitest';
import { formatPace, formatProgress } from './format-job.ts';

test('progress says how much of what', () => {
  expect(formatProgress({ done: 12_000, total: 50_000, unit: 'events' })).toBe('12,000 of 50,000 events (24 %)');
  expect(formatProgress({ done: 49_999, total: 50_000, unit: 'events' })).toContain('(99 %)');
  expect(formatProgress({ done: 0, total: 0, unit: 'events' })).toContain('(100 %)');
  expect(formatProgress({ done: 7, unit: 'streams' })).toBe('7 streams');
});

test('the pace is said as far as it is known', () => {
  expect(formatPace({})).toBe('');
  expect(formatPace({ rate: 0.25 })).toBe('0.3/s');
  expect(formatPace({ rate: 0 })).toBe('0/s');
  expect(formatPace({ rate: 123_456.7, etaSeconds: 185 })).toBe('123,457/s, 3 min 5 s left');
});
