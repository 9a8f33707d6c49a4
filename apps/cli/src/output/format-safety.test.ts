import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatSafety } from './format-safety.ts';

const now = Date.parse('2026-11-27T12:00:00Z');
const line = (safety: Parameters<typeof formatSafety>[0]) => stripVTControlCharacters(formatSafety(safety, now));

test('the ages of the latest backup and drill are told, and what there never was', () => {
  expect(line({})).toBe('There was never a backup. A restore was never tried.');
  expect(line({ backupAt: '2026-11-27T11:18:00Z' })).toBe('Latest backup: 42 min ago. A restore was never tried.');
  expect(line({ backupAt: '2026-11-27T02:00:00Z', drill: { at: '2026-11-22T04:00:00Z', succeeded: false, tried: true } })).toBe(
    'Latest backup: 10 h ago. Latest drill: 5 days ago, failed.',
  );
  expect(line({ drill: { at: '2026-11-22T04:00:00Z', succeeded: false, tried: false } })).toMatch(/5 days ago, could not be tried\.$/);
});
