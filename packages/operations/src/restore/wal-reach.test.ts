import { expect, test } from 'vitest';
import { walReach } from './wal-reach.ts';

const segment = (number: number, timeline = 1) =>
  `${timeline.toString(16).padStart(8, '0')}00000000${number.toString(16).padStart(8, '0')}`.toUpperCase();
const finishedAt = '2026-11-27T02:00:00.000Z';
const backup = {
  finishedAt,
  physical: { systemIdentifier: '7', walTimeline: 1, walSegmentBytes: 16 * 1024 * 1024, startLsn: '0/3000028', stopLsn: '0/4000000' },
};
const coverage = { systemIdentifier: '7', segment: segment(6), until: '2026-11-27T09:00:00.000000Z', position: 9 };

test('without a log that goes on, a backup reaches to its own end', () => {
  expect(walReach(backup, { archived: [], live: [] })).toEqual({ until: finishedAt });
  expect(walReach({ finishedAt }, { archived: [segment(4)], live: [], coverage })).toEqual({ until: finishedAt });
});

test('what is archived reaches as far as it covers', () => {
  expect(walReach(backup, { archived: [4, 5, 6].map((n) => segment(n)), live: [], coverage })).toEqual({ until: coverage.until });
});

test('with what the running server still has, it reaches to now', () => {
  const known = { archived: [4, 5].map((n) => segment(n)), live: [segment(5), segment(6), segment(7)], writing: segment(6), coverage };
  expect(walReach(backup, known)).toEqual({ until: 'now' });
  expect(walReach(backup, { ...known, writing: segment(8) })).toEqual({ until: 'now' });
  expect(walReach(backup, { ...known, writing: segment(9) })).toEqual({ until: coverage.until });
});

test('a gap ends it, and is named', () => {
  const archived = [4, 6, 7].map((n) => segment(n));
  expect(walReach(backup, { archived, live: [], coverage })).toEqual({ until: finishedAt, gap: segment(5) });
});

test('it goes on over the timeline that a restore began, not over an earlier one', () => {
  const later = { ...coverage, segment: segment(6, 2) };
  expect(walReach(backup, { archived: [segment(4), segment(5, 2), segment(6, 2)], live: [], coverage: later })).toEqual({
    until: coverage.until,
  });
  const ofRestored = { ...backup, physical: { ...backup.physical, walTimeline: 2 } };
  expect(walReach(ofRestored, { archived: [segment(4), segment(5), segment(6)], live: [], coverage })).toEqual({ until: finishedAt });
});

test('a coverage that is older than the backup, as after a restore, does not take it back', () => {
  const before = { ...coverage, until: '2026-11-27T01:00:00.000000Z' };
  expect(walReach(backup, { archived: [4, 5, 6].map((n) => segment(n)), live: [], coverage: before })).toEqual({ until: finishedAt });
});
