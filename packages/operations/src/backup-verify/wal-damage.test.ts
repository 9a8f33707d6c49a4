import { expect, test } from 'vitest';
import { walDamage, walSince } from './wal-damage.ts';

function backup(id: string, [startLsn, stopLsn]: readonly [string, string], walTimeline = 1) {
  return { id, physical: { systemIdentifier: '1', walTimeline, walSegmentBytes: 16 << 20, startLsn, stopLsn } };
}

const segment = (number: number) => `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
const first = backup('one', ['0/3000028', '0/3000100']);
const second = backup('two', ['0/8000028', '0/8000100'], 2);
const faults = (...names: readonly string[]) => new Map(names.map((name) => [name, 'was altered']));
const reason = 'was altered';

test('a segment that cannot be read ends what the newest backup before it reaches, and the next one is named', () => {
  expect(walDamage([first, second], faults(segment(5)))).toEqual([
    { segment: segment(5), reason, afterBackup: 'one', until: segment(4), nextBackup: 'two' },
  ]);
});

test('a segment that a backup has itself ends only what those before it reach', () => {
  expect(walDamage([first, second], faults(segment(8)))[0]).toMatchObject({ afterBackup: 'one', nextBackup: 'two' });
  expect(walDamage([first, second], faults(segment(3)))).toEqual([{ segment: segment(3), reason }]);
});

test('the history of a timeline ends what backups of those before it reach', () => {
  expect(walDamage([first, second], faults('00000002.history'))).toEqual([
    { segment: '00000002.history', reason, afterBackup: 'one', nextBackup: 'two' },
  ]);
});

test('what backups need is what is not older than the segment that the oldest begins in, and all histories', () => {
  const archived = [segment(2), segment(3), segment(9), '00000002.history'];
  expect(walSince([first, second], archived)).toEqual(archived.slice(1));
  expect(walSince([second], archived)).toEqual(archived.slice(2));
  expect(walSince([{}], archived)).toEqual([]);
});
