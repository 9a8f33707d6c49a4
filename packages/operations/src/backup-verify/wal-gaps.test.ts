import { expect, test } from 'vitest';
import { walGaps } from './wal-gaps.ts';

function backup(id: string, [startLsn, stopLsn]: readonly [string, string], walTimeline = 1) {
  const finishedAt = '2026-11-27T22:18:50.000Z';
  return { id, finishedAt, physical: { systemIdentifier: '1', walTimeline, walSegmentBytes: 16 << 20, startLsn, stopLsn } };
}

const segments = (...numbers: readonly number[]) =>
  numbers.map((number) => `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`);
const first = backup('one', ['0/3000028', '0/3000100']);
const second = backup('two', ['0/8000028', '0/8000100']);

test('a log without gaps has none, whatever else is kept beside it', () => {
  const names = [...segments(3, 4, 5, 6, 7, 8, 9), '00000002.history', '000000010000000000000003.00000028.backup'];
  expect(walGaps([first, second], names)).toEqual([]);
});

test('a missing segment is named, with the last backup before it', () => {
  expect(walGaps([first, second], segments(3, 4, 6, 7, 8, 9))).toEqual([{ segment: '000000010000000000000005', afterBackup: 'one' }]);
  expect(walGaps([first, second], segments(3, 4, 5, 6, 7, 8, 10))).toEqual([{ segment: '000000010000000000000009', afterBackup: 'two' }]);
});

test('a backup from before the log was kept misses nothing', () => {
  expect(walGaps([first, second], segments(8, 9))).toEqual([]);
  expect(walGaps([first, second], [])).toEqual([]);
});
